import { Schema } from "effect"

/** A phone number as it was written: an optional + and 7 to 15 digits, as E.164 bounds them. */
export const PhoneNumber = Schema.String.check(
  Schema.isPattern(/^\+?[0-9]{7,15}$/, { message: "must be 7 to 15 digits with an optional leading +" })
).pipe(Schema.brand("PhoneNumber"))
export type PhoneNumber = typeof PhoneNumber.Type
