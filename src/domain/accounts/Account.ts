import { Schema } from "effect"
import { EmailAddress } from "../shared/EmailAddress.ts"
import { Text } from "../shared/Text.ts"

export const AccountId = Schema.Int.check(Schema.isGreaterThan(0)).pipe(Schema.brand("AccountId"))
export type AccountId = typeof AccountId.Type

/** Never holds an `@`, so no username passes for an e-mail address. */
export const Username = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9._-]{2,64}$/, {
    message: "must be 2 to 64 letters, digits, dots, underscores or hyphens"
  })
).pipe(Schema.brand("Username"))
export type Username = typeof Username.Type

/** The same for all spellings of one username that differ in case only. */
export const usernameKey = (username: Username): string => username.toLowerCase()

/** A PHC string, as the password hasher made it. */
export const PasswordHash = Schema.String.pipe(Schema.brand("PasswordHash"))
export type PasswordHash = typeof PasswordHash.Type

export const PersonName = Text(255)

export class Account extends Schema.Class<Account>("Account")({
  id: AccountId,
  username: Schema.NullOr(Username),
  email: Schema.NullOr(EmailAddress),
  emailVerifiedAt: Schema.NullOr(Schema.DateTimeUtc),
  firstName: Schema.NullOr(PersonName),
  lastName: Schema.NullOr(PersonName),
  createdAt: Schema.DateTimeUtc
}) {}

export class UsernameTaken extends Schema.TaggedError<UsernameTaken>()("UsernameTaken", { username: Username }) {}

export class EmailTaken extends Schema.TaggedError<EmailTaken>()("EmailTaken", { email: EmailAddress }) {}
