import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Birthday, daysUntil, horizon, monthDay, upcomingMonthDays } from "../../../src/domain/contacts/Birthday.ts"
import { ContactId } from "../../../src/domain/contacts/Contact.ts"
import { upcomingBirthdays } from "../../../src/domain/contacts/UpcomingBirthday.ts"
import { anyDay, dayOf, firstDay, lastDay } from "../../contracts/Days.ts"

const day = (text: string) => Birthday.make(text)

// The calendar as others made it. What it knows of leap years is asked of it, and counted out day by day.
const millis = 86_400_000
const epochDay = (text: Birthday) => Date.parse(`${text}T00:00:00Z`) / millis
const monthAndDate = (epochDay: number) => new Date(epochDay * millis).toISOString().slice(-19, -14)

/** Whether somebody born then keeps it on that day. */
const isKept = (birthday: Birthday, epochDay: number): boolean => {
  const today = monthAndDate(epochDay)
  if (today === birthday.slice(5)) return true
  return birthday.endsWith("-02-29") && today === "02-28" && monthAndDate(epochDay + 1) === "03-01"
}

const countedOut = (birthday: Birthday, today: Birthday): number => {
  let days = 0
  while (!isKept(birthday, epochDay(today) + days)) days++
  return days
}

describe("a birthday", () => {
  it.prop("is as many days away as there are to walk", { birthday: anyDay, today: anyDay }, ({ birthday, today }) => {
    assert.strictEqual(daysUntil(birthday, today), countedOut(birthday, today))
  })

  it.prop(
    "is as far away in whatever year one was born",
    { birthday: anyDay, today: anyDay },
    ({ birthday, today }) => {
      assert.strictEqual(daysUntil(birthday, today), daysUntil(day(`2000-${birthday.slice(5)}`), today))
    }
  )

  it.prop(
    "is among those that are asked for where it is near, and only there",
    { birthday: anyDay, today: anyDay },
    (_) => {
      const isAskedFor = upcomingMonthDays(_.today).includes(monthDay(_.birthday))
      assert.strictEqual(isAskedFor, daysUntil(_.birthday, _.today) <= horizon)
    }
  )

  it("is near on the day itself and on the seven before it, whichever day that is", () => {
    // A day at a time through years of every kind, and on each everybody's birthday.
    const everybody = Array.from({ length: 366 }, (_, index) => dayOf(10_957 + index))
    for (const [from, to] of [
      ["1999-12-20", "2001-01-05"],
      ["2023-02-15", "2023-03-10"],
      ["2024-02-15", "2024-03-10"],
      ["1900-02-15", "1900-03-10"],
      ["9999-12-20", "9999-12-31"],
      ["0001-01-01", "0001-01-10"]
    ] as const) {
      for (let today = epochDay(day(from)); today <= epochDay(day(to)); today++) {
        const near = everybody.filter((birthday) =>
          Array.from({ length: 8 }, (_, ahead) => today + ahead).some((other) => isKept(birthday, other))
        )
        assert.deepStrictEqual(upcomingMonthDays(dayOf(today)), near.map(monthDay), dayOf(today))
      }
    }
  })

  it("on 29 February is kept on the 28th in common years", () => {
    for (const [today, days] of [
      ["2023-02-21", 7],
      ["2023-02-28", 0],
      ["2023-03-01", 365],
      ["2024-02-22", 7],
      ["2024-02-28", 1],
      ["2024-02-29", 0],
      ["2024-03-01", 364],
      ["1900-02-28", 0],
      ["2000-02-28", 1],
      ["9999-12-31", 60]
    ] as const) {
      assert.strictEqual(daysUntil(day("1996-02-29"), day(today)), days, today)
    }
  })

  it("is a day that there is, from the first to the last", () => {
    const isDay = Schema.is(Birthday)
    for (const text of ["0001-01-01", "1990-05-15", "2000-02-29", "2024-02-29", "9999-12-31"]) {
      assert.isTrue(isDay(text), text)
    }
    for (const text of [
      "0000-12-31",
      "1900-02-29",
      "2023-02-29",
      "2023-04-31",
      "2023-13-01",
      "2023-00-10",
      "2023-01-00",
      "2023-1-1",
      "10000-01-01",
      "-001-01-01",
      "+02023-01-01",
      "2023-01-01T00:00:00Z",
      " 2023-01-01",
      "2023-01-01\n",
      "٢٠٢٣-٠١-٠١",
      "15.05.1990",
      ""
    ]) {
      assert.isFalse(isDay(text), text)
    }
    assert.deepStrictEqual([dayOf(firstDay), dayOf(lastDay)], [day("0001-01-01"), day("9999-12-31")])
  })
})

describe("near birthdays", () => {
  const known = (id: number, birthday: string) => ({
    id: ContactId.make(id),
    firstName: `Contact ${id}`,
    lastName: null,
    birthday: day(birthday)
  })

  it("are sorted by the day and then by id, without those that are not near", () => {
    const people = [
      known(1, "1990-01-02"),
      known(5, "1990-12-31"),
      known(2, "2020-01-02"),
      known(4, "2024-12-28"),
      known(3, "2000-12-27"),
      known(6, "2000-01-05")
    ]
    const near = upcomingBirthdays(people, day("2024-12-28"))
    assert.deepStrictEqual(
      near.map(({ daysUntil, id }) => [id, daysUntil]),
      [
        [4, 0],
        [5, 3],
        [1, 5],
        [2, 5]
      ]
    )
    assert.deepStrictEqual(near[0], { ...known(4, "2024-12-28"), daysUntil: 0 })
  })
})
