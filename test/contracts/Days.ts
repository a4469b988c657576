import { Arbitrary, DateTime, Schema } from "effect"
import { Birthday } from "../../src/domain/contacts/Birthday.ts"

/** The day so many days after 1 January 1970. */
export const dayOf = (epochDay: number): Birthday =>
  Birthday.make(DateTime.formatIsoDateUtc(DateTime.makeUnsafe(epochDay * 86_400_000)))

/** 0001-01-01 and 9999-12-31. */
export const [firstDay, lastDay] = [-719_162, 2_932_896] as const

const anyWhere = Schema.Int.check(Schema.isBetween({ minimum: firstDay, maximum: lastDay }))

/** Where leap years, common years, centuries and the calendar itself begin and end. */
const special = Schema.Literals(
  ["0001", "0004", "1900", "1999", "2000", "2023", "2024", "2100", "9996", "9999"].flatMap((year) =>
    ["01-01", "02-21", "02-22", "02-28", "03-01", "12-24", "12-25", "12-31"].map((day) => `${year}-${day}`)
  )
)
const leap = Schema.Literals(["0004-02-29", "2000-02-29", "2024-02-29", "9996-02-29"])

/** Any day that there is, and more often than by chance those where a calculation goes wrong. */
export const anyDay: Arbitrary.Arbitrary<Birthday> = Arbitrary.map(
  Arbitrary.schema(Schema.Union([anyWhere, special, leap])),
  (day) => (typeof day === "number" ? dayOf(day) : Birthday.make(day))
)
