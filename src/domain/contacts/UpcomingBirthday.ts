import { Schema } from "effect"
import { Birthday, daysUntil, horizon } from "./Birthday.ts"
import { ContactId } from "./Contact.ts"

/** Whose birthday is known, and as whom one knows them. */
export const KnownBirthday = Schema.Struct({
  id: ContactId,
  firstName: Schema.String,
  lastName: Schema.NullOr(Schema.String),
  birthday: Birthday
})
export type KnownBirthday = typeof KnownBirthday.Type

/** Somebody whose birthday is near. */
export const UpcomingBirthday = Schema.Struct({
  ...KnownBirthday.fields,
  /** 0 is today. */
  daysUntil: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: horizon }))
})
export type UpcomingBirthday = typeof UpcomingBirthday.Type

/** Those within the horizon, the nearest first, and by id on one day. */
export const upcomingBirthdays = (
  known: ReadonlyArray<KnownBirthday>,
  today: Birthday
): ReadonlyArray<UpcomingBirthday> =>
  known
    .map((person) => ({ ...person, daysUntil: daysUntil(person.birthday, today) }))
    .filter((person) => person.daysUntil <= horizon)
    .toSorted((one, other) => one.daysUntil - other.daysUntil || one.id - other.id)
