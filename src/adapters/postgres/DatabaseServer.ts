import { Redacted, Schema } from "effect"
import type { SqlError } from "effect/sql"

/** A connection to the server could not be had at start. */
export class DatabaseUnavailable extends Schema.TaggedError<DatabaseUnavailable>()("DatabaseUnavailable", {
  /** The URL without its password. */
  server: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `DATABASE_URL (${this.server}): ${this.reason}`
  }
}

export class DatabaseTooOld extends Schema.TaggedError<DatabaseTooOld>()("DatabaseTooOld", {
  server: Schema.String,
  version: Schema.String,
  oldest: Schema.Int
}) {
  override get message() {
    return `DATABASE_URL (${this.server}): PostgreSQL ${this.version} is too old, ${this.oldest} or later is needed`
  }
}

/** The server that a URL names: no password and no parameters, which may hold one too. */
export const serverName = (url: Redacted.Redacted): string => {
  const parsed = URL.parse(Redacted.value(url))
  if (parsed === null) return "not a URL"
  const user = parsed.username === "" ? "" : `${parsed.username}@`
  return `${parsed.protocol}//${user}${parsed.host}${parsed.pathname}`
}

export const unavailable =
  (url: Redacted.Redacted) =>
  (error: SqlError.SqlError): DatabaseUnavailable =>
    new DatabaseUnavailable({ server: serverName(url), reason: serverWords(error) })

/** What the server or the system said, without where in the driver it was heard. */
export const serverWords = ({ reason }: SqlError.SqlError): string =>
  wordsOf(reason.cause) ?? reason.message ?? reason._tag

/** A refused connection to a name with several addresses has several errors and no message of its own. */
const wordsOf = (cause: unknown): string | undefined => {
  if (cause instanceof AggregateError && cause.message === "") return wordsOf(cause.errors[0])
  return cause instanceof Error && cause.message !== "" ? cause.message : undefined
}
