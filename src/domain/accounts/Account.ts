import { Schema } from "effect"
import { EmailAddress, emailKey } from "../shared/EmailAddress.ts"
import { PhoneDigits } from "../shared/PhoneNumber.ts"
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

/** Names an avatar and opens it: 128 random bits in hexadecimal. Another picture has another one. */
export const AvatarId = Schema.String.check(Schema.isPattern(/^[0-9a-f]{32}$/)).pipe(Schema.brand("AvatarId"))
export type AvatarId = typeof AvatarId.Type

export class Account extends Schema.Class<Account>("Account")({
  id: AccountId,
  username: Schema.NullOr(Username),
  email: Schema.NullOr(EmailAddress),
  emailVerifiedAt: Schema.NullOr(Schema.DateTimeUtc),
  /** Takes the place of `email` when it is verified. */
  pendingEmail: Schema.NullOr(EmailAddress),
  /** Whoever has the account has received a passcode there. */
  phoneNumber: Schema.NullOr(PhoneDigits),
  avatarId: Schema.NullOr(AvatarId),
  firstName: Schema.NullOr(PersonName),
  lastName: Schema.NullOr(PersonName),
  createdAt: Schema.DateTimeUtc
}) {
  /** Whether there is nothing but an e-mail address that nobody has verified yet. */
  get needsVerification(): boolean {
    return this.username === null && this.phoneNumber === null && this.emailVerifiedAt === null
  }

  /** Without regard to case, as {@link hasPendingEmail}. */
  hasEmail(email: EmailAddress): boolean {
    return this.email !== null && emailKey(this.email) === emailKey(email)
  }

  hasPendingEmail(email: EmailAddress): boolean {
    return this.pendingEmail !== null && emailKey(this.pendingEmail) === emailKey(email)
  }
}

export class AccountNotFound extends Schema.TaggedError<AccountNotFound>()("AccountNotFound", { id: AccountId }) {}

export class UsernameTaken extends Schema.TaggedError<UsernameTaken>()("UsernameTaken", { username: Username }) {}

export class EmailTaken extends Schema.TaggedError<EmailTaken>()("EmailTaken", { email: EmailAddress }) {}

export class PhoneTaken extends Schema.TaggedError<PhoneTaken>()("PhoneTaken", { phoneNumber: PhoneDigits }) {}
