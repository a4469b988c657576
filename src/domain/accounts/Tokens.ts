import { Context, type DateTime, type Effect, type Option, type Redacted, Schema } from "effect"
import type { AccountId } from "./Account.ts"
import type { Session, SessionId } from "./Session.ts"

/** A token serves one purpose: an access token refreshes nothing, a refresh token opens nothing else. */
export type TokenPurpose = "access" | "refresh"

/** Whose a token is. */
export type TokenSubject = Pick<Session, "id" | "accountId">

/** Access tokens always end by themselves. */
export interface AccessGrant {
  readonly purpose: "access"
  readonly expiresAt: DateTime.Utc
}

/** A refresh token lasts as long as its session, whose end moves, or until the next one takes its place. */
export interface RefreshGrant {
  readonly purpose: "refresh"
  /** How many refresh tokens of the session came before it. */
  readonly generation: number
  readonly issuedAt: DateTime.Utc
}

export type TokenGrant = AccessGrant | RefreshGrant

interface ClaimedSubject {
  readonly sessionId: SessionId
  readonly accountId: AccountId
}
export type AccessClaims = ClaimedSubject & AccessGrant
/** Refresh tokens of sessions that never rotated may not say their generation: it is the first. */
export type RefreshClaims = ClaimedSubject & Omit<RefreshGrant, "issuedAt">
export type TokenClaims = AccessClaims | RefreshClaims

/** Malformed, signed by another or another algorithm, of another issuer or audience, or expired. */
export class InvalidToken extends Schema.TaggedError<InvalidToken>()("InvalidToken", {}) {}

export class Tokens extends Context.Service<
  Tokens,
  {
    /**
     * A JWT (RFC 7519) for the session. No two access tokens are alike. The refresh token of a grant is the same each
     * time, as long as the signing key is, and another for another grant: so it can be given again without being kept.
     */
    sign(subject: TokenSubject, grant: TokenGrant): Effect.Effect<Redacted.Redacted<string>>
    /** The refresh token that has this hash, whichever key signed it; none where that key is not there any more. */
    signAgain(
      subject: TokenSubject,
      grant: RefreshGrant,
      hash: Uint8Array
    ): Effect.Effect<Option.Option<Redacted.Redacted<string>>>
    /** A rejected token costs no more than one signature check; a known one costs none. */
    verify(token: string): Effect.Effect<TokenClaims, InvalidToken>
    /** What is kept of a refresh token: its SHA-256. */
    hash(token: Redacted.Redacted<string>): Effect.Effect<Uint8Array>
  }
>()("rookery/domain/accounts/Tokens") {}
