import { Context, type DateTime, type Effect, type Redacted, Schema } from "effect"
import type { AccountId } from "./Account.ts"
import type { Session, SessionId } from "./Session.ts"

/** A token serves one purpose: an access token refreshes nothing, a refresh token opens nothing else. */
export const TokenPurpose = Schema.Literals(["access", "refresh"])
export type TokenPurpose = typeof TokenPurpose.Type

export interface TokenClaims {
  readonly sessionId: SessionId
  readonly accountId: AccountId
  readonly purpose: TokenPurpose
  /** Access tokens always end by themselves; a refresh token lasts as long as its session, whose end moves. */
  readonly expiresAt?: DateTime.Utc
}

export type TokenGrant =
  | { readonly purpose: "access"; readonly expiresAt: DateTime.Utc }
  | { readonly purpose: "refresh" }

/** Malformed, signed by another or another algorithm, of another issuer or audience, or expired. */
export class InvalidToken extends Schema.TaggedError<InvalidToken>()("InvalidToken", {}) {}

export class Tokens extends Context.Service<
  Tokens,
  {
    /** A JWT (RFC 7519) for the session; no two are alike. */
    sign(session: Session, grant: TokenGrant): Effect.Effect<Redacted.Redacted<string>>
    /** A rejected token costs no more than one signature check; a known one costs none. */
    verify(token: string): Effect.Effect<TokenClaims, InvalidToken>
    /** What is kept of a refresh token: its SHA-256. */
    hash(token: Redacted.Redacted<string>): Effect.Effect<Uint8Array>
  }
>()("rookery/domain/accounts/Tokens") {}
