import { Context, type DateTime, type Effect, Schema, type Stream } from "effect"
import { AccountId } from "./Account.ts"

export const SessionId = Schema.String.check(Schema.isUUID()).pipe(Schema.brand("SessionId"))
export type SessionId = typeof SessionId.Type

/** The family of routes that opened a session; only it refreshes it. */
export const Dialect = Schema.Literals(["classic", "v1", "talk"])
export type Dialect = typeof Dialect.Type

/** One sign-in, until it is ended or runs out. */
export class Session extends Schema.Class<Session>("Session")({
  id: SessionId,
  accountId: AccountId,
  dialect: Dialect,
  createdAt: Schema.DateTimeUtc,
  expiresAt: Schema.DateTimeUtc
}) {}

/** No such session, or one that has ended or run out. */
export class SessionEnded extends Schema.TaggedError<SessionEnded>()("SessionEnded", { id: SessionId }) {}

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

/** What an instance hears of sessions that ended elsewhere. */
export type Revocation =
  | { readonly _tag: "Ended"; readonly sessionId: SessionId }
  /** Messages may have been missed: whatever is remembered of sessions has to be asked again. */
  | { readonly _tag: "Missed" }

export class Revocations extends Context.Service<
  Revocations,
  {
    /** Tells every instance. Never fails: who could not be told finds out by asking the repository. */
    announce(sessionId: SessionId): Effect.Effect<void>
    /** Every announcement, also this instance's own, from subscription on. */
    readonly changes: Stream.Stream<Revocation>
    /** Whether announcements of other instances arrive now. While not, only the repository knows. */
    readonly connected: Effect.Effect<boolean>
  }
>()("rookery/domain/accounts/Revocations") {}
