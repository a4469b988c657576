import { Context, type DateTime, type Effect } from "effect"
import type { AccountId, AccountNotFound, PasswordHash } from "./Account.ts"
import type { RefreshState } from "./RefreshTokens.ts"
import type { Dialect, Session, SessionEnded, SessionId } from "./Session.ts"

/** A refresh token that was shown, and until when its session lasts if it is the current one. */
export interface Extension {
  readonly id: SessionId
  readonly dialect: Dialect
  readonly refreshTokenHash: Uint8Array
  readonly expiresAt: DateTime.Utc
  readonly now: DateTime.Utc
}

/** An {@link Extension} by which the refresh token is replaced. */
export interface Rotation extends Extension {
  /** Of the token that was shown. */
  readonly generation: number
  readonly nextTokenHash: Uint8Array
}

/** When a session was used last. */
export interface LastUse {
  readonly id: SessionId
  readonly at: DateTime.Utc
}

export class SessionRepository extends Context.Service<
  SessionRepository,
  {
    /**
     * `refreshTokenHash` is null for sessions without a refresh step. With a `passwordHash`, an account that has another
     * one counts as not found: who changes it and then ends all sessions has ended this one, or it is never opened.
     */
    insert(
      session: Session,
      refreshTokenHash: Uint8Array | null,
      passwordHash?: PasswordHash
    ): Effect.Effect<void, AccountNotFound>
    findActive(id: SessionId, now: DateTime.Utc): Effect.Effect<Session, SessionEnded>
    /** Of an active session. */
    findRefreshState(id: SessionId, now: DateTime.Utc): Effect.Effect<RefreshState, SessionEnded>
    /** Moves the end of an active session of that dialect whose refresh token this is; the answer is the moved session. */
    extend(extension: Extension): Effect.Effect<Session, SessionEnded>
    /** As {@link extend}, and the next token takes the place of this one. Of several at once, one succeeds. */
    rotate(rotation: Rotation): Effect.Effect<Session, SessionEnded>
    /** Ends it for good; the answer is how far it had come. Fails where it had ended before. */
    end(id: SessionId, now: DateTime.Utc): Effect.Effect<RefreshState, SessionEnded>
    /** As {@link end}, where it is one of the account's. */
    endByAccount(accountId: AccountId, id: SessionId, now: DateTime.Utc): Effect.Effect<void, SessionEnded>
    /** Ends all of the account's sessions but the one to be kept, and says which. */
    endAllByAccount(accountId: AccountId, now: DateTime.Utc, keep?: SessionId): Effect.Effect<ReadonlyArray<SessionId>>
    /** The active ones, the latest used first, at most 1,000. */
    listActiveByAccount(accountId: AccountId, now: DateTime.Utc): Effect.Effect<ReadonlyArray<Session>>
    /** Those ended at or after `since`, at most 10,000, the newest first. */
    listEndedSince(since: DateTime.Utc): Effect.Effect<ReadonlyArray<SessionId>>
    /**
     * Moves last uses forward, never back, and says which of these sessions have ended or are gone. One that somebody
     * else is changing just now may keep what it has.
     */
    saveLastUses(uses: ReadonlyArray<LastUse>): Effect.Effect<ReadonlyArray<SessionId>>
    /** Removes what ended or ran out before `before`. */
    deleteEndedBefore(before: DateTime.Utc): Effect.Effect<void>
  }
>()("rookery/domain/accounts/SessionRepository") {}
