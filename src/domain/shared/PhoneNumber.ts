import { Schema } from "effect"

/** A phone number as it was written: an optional + and 7 to 15 digits, as E.164 bounds them. */
export const PhoneNumber = Schema.String.check(
  Schema.isPattern(/^\+?[0-9]{7,15}$/, { message: "must be 7 to 15 digits with an optional leading +" })
).pipe(Schema.brand("PhoneNumber"))
export type PhoneNumber = typeof PhoneNumber.Type

/** A phone number without the +, so that it has one spelling only: by these, people find each other. */
export const PhoneDigits = PhoneNumber.check(Schema.isPattern(/^[0-9]+$/, { message: "must be digits only" })).pipe(
  Schema.brand("PhoneDigits")
)
export type PhoneDigits = typeof PhoneDigits.Type

export const phoneDigits = (phone: PhoneNumber): PhoneDigits => PhoneDigits.make(phone.replace(/^\+/, ""))
