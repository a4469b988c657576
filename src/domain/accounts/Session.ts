import { Schema } from "effect"
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
  /** What the client that signed in called itself (`User-Agent`), at most 512 characters. */
  userAgent: Schema.NullOr(Schema.String),
  createdAt: Schema.DateTimeUtc,
  /** Of its tokens, exact to a few minutes. */
  lastUsedAt: Schema.DateTimeUtc,
  expiresAt: Schema.DateTimeUtc
}) {}

/** No such session, or one that has ended or run out. */
export class SessionEnded extends Schema.TaggedError<SessionEnded>()("SessionEnded", { id: SessionId }) {}
