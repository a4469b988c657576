import { DateTime, Option, Schema } from "effect"

const isDate = (text: string): boolean =>
  text >= "0001" &&
  Option.exists(DateTime.make(`${text}T00:00:00.000Z`), (day) => DateTime.formatIsoDateUtc(day) === text)

/** A day of the calendar that there is, from year 1 to 9999, as ISO 8601 writes it: `1990-05-15`. */
export const Birthday = Schema.String.check(
  Schema.isPattern(/^\d{4}-\d{2}-\d{2}$/, { message: "must be a date such as 1990-05-15" }),
  Schema.makeFilter((text) => (isDate(text) ? undefined : "must be a date that there is"))
).pipe(Schema.brand("Birthday"))
export type Birthday = typeof Birthday.Type

/** How far ahead birthdays are told of, in days: those of today and of that many days after it. */
export const horizon = 7

interface MonthAndDate {
  readonly month: number
  readonly date: number
}

const parts = (day: Birthday) => ({
  year: Number(day.slice(0, 4)),
  month: Number(day.slice(5, 7)),
  date: Number(day.slice(8, 10))
})

const monthLengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/** Which day of the year it is kept on, from 1: 29 February on the 28th in common years. */
const keptOn = (year: number, { date, month }: MonthAndDate): number => {
  if (month === 2 && date === 29 && !isLeap(year)) return 59
  return (daysBefore[month - 1] ?? 0) + date + (month > 2 && isLeap(year) ? 1 : 0)
}

const until = (birthday: MonthAndDate, today: Birthday): number => {
  const { year, ...now } = parts(today)
  const passed = keptOn(year, now)
  const days = keptOn(year, birthday) - passed
  return days >= 0 ? days : (isLeap(year) ? 366 : 365) - passed + keptOn(year + 1, birthday)
}

/** Days until the birthday is kept next, 0 where that is today, whatever its year. */
export const daysUntil = (birthday: Birthday, today: Birthday): number => until(parts(birthday), today)

const monthDayOf = ({ date, month }: MonthAndDate): number => month * 100 + date

/** The day without its year, as month times 100 and date: 515 is 15 May. What stores find birthdays by. */
export const monthDay = (day: Birthday): number => monthDayOf(parts(day))

const everyDay: ReadonlyArray<MonthAndDate> = monthLengths.flatMap((length, index) =>
  Array.from({ length }, (_, day) => ({ month: index + 1, date: day + 1 }))
)

/** The {@link monthDay}s of all birthdays that are kept within the horizon. */
export const upcomingMonthDays = (today: Birthday): ReadonlyArray<number> =>
  everyDay.filter((day) => until(day, today) <= horizon).map(monthDayOf)
