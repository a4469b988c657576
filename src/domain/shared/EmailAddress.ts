import { Schema } from "effect"

// The HTML standard's idea of an address, with a dotted domain: what people can type and mail servers take.
const pattern =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+$/

/** An e-mail address as it was written, at most 254 characters (RFC 5321). */
export const EmailAddress = Schema.String.check(
  Schema.isMaxLength(254, { message: "must be at most 254 characters" }),
  Schema.isPattern(pattern, { message: "must be an e-mail address such as ada@example.com" })
).pipe(Schema.brand("EmailAddress"))
export type EmailAddress = typeof EmailAddress.Type

/** The same for all spellings of one address that differ in case only. */
export const emailKey = (email: EmailAddress): string => email.toLowerCase()
