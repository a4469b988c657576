import { Context, type DateTime, Duration, type Effect, type Redacted, Schema } from "effect"
import type { EmailAddress } from "../shared/EmailAddress.ts"
import type { AccountId, PasswordHash } from "./Account.ts"

/** What a link in a mail is good for: one thing, for one account, as long as the address is the one it was sent to. */
export type LinkGrant =
  | { readonly purpose: "verification"; readonly accountId: AccountId; readonly email: EmailAddress }
  | {
      readonly purpose: "passwordReset"
      readonly accountId: AccountId
      readonly email: EmailAddress
      /** Of {@link LinkTokens.fingerprint}: when the password has changed, the link is used up. */
      readonly fingerprint: string
    }
export type LinkPurpose = LinkGrant["purpose"]
export type LinkGrantFor<Purpose extends LinkPurpose> = Extract<LinkGrant, { readonly purpose: Purpose }>

export const isGrantFor = <Purpose extends LinkPurpose>(
  grant: LinkGrant,
  purpose: Purpose
): grant is LinkGrantFor<Purpose> => grant.purpose === purpose

/** For how long a link works, from when its mail is sent. */
export const linkLifetimes = {
  verification: Duration.hours(24),
  passwordReset: Duration.hours(1)
} satisfies Record<LinkPurpose, Duration.Duration>

/** Malformed, signed by another, for another purpose, expired or used up. */
export class InvalidLink extends Schema.TaggedError<InvalidLink>()("InvalidLink", {}) {}

/** Tokens of links in mails. None of them passes for a session's token, nor the other way round. */
export class LinkTokens extends Context.Service<
  LinkTokens,
  {
    sign(grant: LinkGrant, expiresAt: DateTime.Utc): Effect.Effect<Redacted.Redacted<string>>
    verify<Purpose extends LinkPurpose>(
      token: string,
      purpose: Purpose
    ): Effect.Effect<LinkGrantFor<Purpose>, InvalidLink>
    /** Another one for another hash; tells nothing of it. */
    fingerprint(hash: PasswordHash): Effect.Effect<string>
  }
>()("rookery/domain/accounts/LinkTokens") {}
