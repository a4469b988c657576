import { type DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { Dialect, Session, SessionEnded, SessionId } from "../../../domain/accounts/Session.ts"
import { SessionRepository } from "../../../domain/accounts/SessionRepository.ts"

// timestamptz arrives from the driver as a Date.
const SessionRow = Schema.Struct({
  ...Session.fields,
  createdAt: Schema.DateTimeUtcFromDate,
  expiresAt: Schema.DateTimeUtcFromDate
})

const Moment = Schema.Struct({ id: SessionId, now: Schema.DateTimeUtcFromDate })

const Extension = Schema.Struct({
  ...Moment.fields,
  dialect: Dialect,
  refreshTokenHash: Schema.Uint8Array,
  expiresAt: Schema.DateTimeUtcFromDate
})

/** Enough for any sweep that is worth its name, and bounded should a clock be far off. */
const listLimit = 10_000

export const SessionRepositoryPostgres = Layer.effect(
  SessionRepository,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const insertRow = SqlSchema.void({
      Request: Schema.Struct({ ...SessionRow.fields, refreshTokenHash: Schema.NullOr(Schema.Uint8Array) }),
      execute: (row) => sql`INSERT INTO sessions ${sql.insert(row)}`
    })

    const selectActive = SqlSchema.findOne({
      Request: Moment,
      Result: SessionRow,
      execute: ({ id, now }) => sql`SELECT id, account_id, dialect, created_at, expires_at FROM sessions
        WHERE id = ${id} AND ended_at IS NULL AND expires_at > ${now}`
    })

    const updateExpiry = SqlSchema.findOne({
      Request: Extension,
      Result: SessionRow,
      execute: (extension) => sql`UPDATE sessions SET expires_at = ${extension.expiresAt}
        WHERE id = ${extension.id} AND dialect = ${extension.dialect} AND refresh_token_hash = ${extension.refreshTokenHash}
          AND ended_at IS NULL AND expires_at > ${extension.now}
        RETURNING id, account_id, dialect, created_at, expires_at`
    })

    const updateEnd = SqlSchema.findOne({
      Request: Moment,
      Result: Schema.Struct({ id: SessionId }),
      execute: ({ id, now }) => sql`UPDATE sessions SET ended_at = ${now}
        WHERE id = ${id} AND ended_at IS NULL AND expires_at > ${now} RETURNING id`
    })

    const selectEndedSince = SqlSchema.findAll({
      Request: Schema.DateTimeUtcFromDate,
      Result: Schema.Struct({ id: SessionId }),
      execute: (since) => sql`SELECT id FROM sessions WHERE ended_at >= ${since}
        ORDER BY ended_at DESC LIMIT ${listLimit}`
    })

    const deleteRows = SqlSchema.void({
      Request: Schema.DateTimeUtcFromDate,
      execute: (before) => sql`DELETE FROM sessions WHERE ended_at < ${before} OR expires_at < ${before}`
    })

    const insert = Effect.fn("SessionRepository.insert")((session: Session, refreshTokenHash: Uint8Array | null) =>
      Effect.orDie(insertRow({ ...session, refreshTokenHash }))
    )

    const findActive = Effect.fn("SessionRepository.findActive")((id: SessionId, now: DateTime.Utc) =>
      selectActive({ id, now }).pipe(
        Effect.map((row) => new Session(row)),
        Effect.catchTags({
          NoSuchElementError: () => Effect.fail(new SessionEnded({ id })),
          SchemaError: Effect.die,
          SqlError: Effect.die
        })
      )
    )

    const extend = Effect.fn("SessionRepository.extend")((extension: typeof Extension.Type) =>
      updateExpiry(extension).pipe(
        Effect.map((row) => new Session(row)),
        Effect.catchTags({
          NoSuchElementError: () => Effect.fail(new SessionEnded({ id: extension.id })),
          SchemaError: Effect.die,
          SqlError: Effect.die
        })
      )
    )

    const end = Effect.fn("SessionRepository.end")((id: SessionId, now: DateTime.Utc) =>
      updateEnd({ id, now }).pipe(
        Effect.asVoid,
        Effect.catchTags({
          NoSuchElementError: () => Effect.fail(new SessionEnded({ id })),
          SchemaError: Effect.die,
          SqlError: Effect.die
        })
      )
    )

    const listEndedSince = Effect.fn("SessionRepository.listEndedSince")((since: DateTime.Utc) =>
      selectEndedSince(since).pipe(
        Effect.map((rows) => rows.map((row) => row.id)),
        Effect.orDie
      )
    )

    const deleteEndedBefore = Effect.fn("SessionRepository.deleteEndedBefore")((before: DateTime.Utc) =>
      Effect.orDie(deleteRows(before))
    )

    return SessionRepository.of({ insert, findActive, extend, end, listEndedSince, deleteEndedBefore })
  })
)
