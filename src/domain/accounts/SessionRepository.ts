import { Context, type DateTime, type Effect } from "effect"
import type { Dialect, Session, SessionEnded, SessionId } from "./Session.ts"

export class SessionRepository extends Context.Service<
  SessionRepository,
  {
    /** `refreshTokenHash` is null for sessions without a refresh step. */
    insert(session: Session, refreshTokenHash: Uint8Array | null): Effect.Effect<void>
    findActive(id: SessionId, now: DateTime.Utc): Effect.Effect<Session, SessionEnded>
    /** Moves the end of an active session of that dialect whose refresh token this is; the answer is the moved session. */
    extend(extension: {
      readonly id: SessionId
      readonly dialect: Dialect
      readonly refreshTokenHash: Uint8Array
      readonly expiresAt: DateTime.Utc
      readonly now: DateTime.Utc
    }): Effect.Effect<Session, SessionEnded>
    /** Ends it for good. Fails where it had ended before. */
    end(id: SessionId, now: DateTime.Utc): Effect.Effect<void, SessionEnded>
    /** Those ended at or after `since`, at most 10,000, the newest first. */
    listEndedSince(since: DateTime.Utc): Effect.Effect<ReadonlyArray<SessionId>>
    /** Removes what ended or ran out before `before`. */
    deleteEndedBefore(before: DateTime.Utc): Effect.Effect<void>
  }
>()("rookery/domain/accounts/SessionRepository") {}
