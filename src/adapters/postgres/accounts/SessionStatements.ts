import { Schema } from "effect"
import { type SqlClient, SqlSchema } from "effect/sql"
import { AccountId, PasswordHash } from "../../../domain/accounts/Account.ts"
import { Dialect, Session, SessionId } from "../../../domain/accounts/Session.ts"

// timestamptz arrives from the driver as a Date.
const SessionRow = Schema.Struct({
  ...Session.fields,
  createdAt: Schema.DateTimeUtcFromDate,
  lastUsedAt: Schema.DateTimeUtcFromDate,
  expiresAt: Schema.DateTimeUtcFromDate
})

const RefreshRow = Schema.Struct({
  ...SessionRow.fields,
  refreshGeneration: Schema.Int,
  refreshIssuedAt: Schema.DateTimeUtcFromDate,
  refreshTokenHash: Schema.NullOr(Schema.Uint8Array)
})
export type RefreshRow = typeof RefreshRow.Type

const IdRow = Schema.Struct({ id: SessionId })

const NewRow = Schema.Struct({
  ...SessionRow.fields,
  refreshTokenHash: Schema.NullOr(Schema.Uint8Array),
  passwordHash: Schema.NullOr(PasswordHash)
})

const Moment = Schema.Struct({ id: SessionId, now: Schema.DateTimeUtcFromDate })

const AccountMoment = Schema.Struct({ accountId: AccountId, now: Schema.DateTimeUtcFromDate })

const Extension = Schema.Struct({
  ...Moment.fields,
  dialect: Dialect,
  refreshTokenHash: Schema.Uint8Array,
  expiresAt: Schema.DateTimeUtcFromDate
})

const Rotation = Schema.Struct({ ...Extension.fields, generation: Schema.Int, nextTokenHash: Schema.Uint8Array })

const Uses = Schema.Array(Schema.Struct({ id: SessionId, at: Schema.DateTimeUtcFromString }))

/** Enough for any sweep that is worth its name, and bounded should a clock be far off. */
const mostEnded = 10_000

/** More than anybody looks through. */
const mostListed = 1000

export const sessionStatements = (sql: SqlClient.SqlClient) => {
  const columns = sql.literal("id, account_id, dialect, user_agent, created_at, last_used_at, expires_at")
  const refreshColumns = sql.literal(
    "refresh_generation, COALESCE(rotated_at, created_at) AS refresh_issued_at, refresh_token_hash"
  )

  const active = ({ id, now }: typeof Moment.Encoded) => sql`id = ${id} AND ended_at IS NULL AND expires_at > ${now}`
  const activeOf = ({ accountId, now }: typeof AccountMoment.Encoded) =>
    sql`account_id = ${accountId} AND ended_at IS NULL AND expires_at > ${now}`
  const extensible = (extension: typeof Extension.Encoded) =>
    sql`${active(extension)} AND dialect = ${extension.dialect} AND refresh_token_hash = ${extension.refreshTokenHash}`
  const extend = ({ expiresAt, now }: typeof Extension.Encoded) =>
    sql`expires_at = ${expiresAt}, last_used_at = GREATEST(last_used_at, ${now})`

  // The account is locked against a change of its password and against its deletion, and looked at after either: so
  // whoever does that and ends its sessions has ended this one, or it is not inserted.
  const insertRow = SqlSchema.findOne({
    Request: NewRow,
    Result: IdRow,
    execute: (row) => sql`
      WITH account AS (
        SELECT id FROM accounts WHERE id = ${row.accountId}
          ${row.passwordHash === null ? sql`` : sql`AND password_hash = ${row.passwordHash}`}
        FOR SHARE
      )
      INSERT INTO sessions
        (account_id, id, dialect, user_agent, created_at, last_used_at, expires_at, refresh_token_hash)
      SELECT account.id, ${row.id}::uuid, ${row.dialect}::text, ${row.userAgent}::text, ${row.createdAt}::timestamptz,
        ${row.lastUsedAt}::timestamptz, ${row.expiresAt}::timestamptz, ${row.refreshTokenHash}::bytea
      FROM account RETURNING id`
  })

  const selectActive = SqlSchema.findOne({
    Request: Moment,
    Result: SessionRow,
    execute: (moment) => sql`SELECT ${columns} FROM sessions WHERE ${active(moment)}`
  })

  const selectRefreshState = SqlSchema.findOne({
    Request: Moment,
    Result: RefreshRow,
    execute: (moment) => sql`SELECT ${columns}, ${refreshColumns} FROM sessions WHERE ${active(moment)}`
  })

  const updateExpiry = SqlSchema.findOne({
    Request: Extension,
    Result: SessionRow,
    execute: (extension) =>
      sql`UPDATE sessions SET ${extend(extension)} WHERE ${extensible(extension)} RETURNING ${columns}`
  })

  const updateToken = SqlSchema.findOne({
    Request: Rotation,
    Result: SessionRow,
    execute: (rotation) => sql`UPDATE sessions SET ${extend(rotation)}, refresh_token_hash = ${rotation.nextTokenHash},
        refresh_generation = refresh_generation + 1, rotated_at = ${rotation.now}
      WHERE ${extensible(rotation)} AND refresh_generation = ${rotation.generation} RETURNING ${columns}`
  })

  const updateEnd = SqlSchema.findOne({
    Request: Moment,
    Result: RefreshRow,
    execute: (moment) => sql`UPDATE sessions SET ended_at = ${moment.now} WHERE ${active(moment)}
      RETURNING ${columns}, ${refreshColumns}`
  })

  const updateEndByAccount = SqlSchema.findOne({
    Request: Schema.Struct({ ...Moment.fields, accountId: AccountId }),
    Result: IdRow,
    execute: (moment) => sql`UPDATE sessions SET ended_at = ${moment.now}
      WHERE ${active(moment)} AND account_id = ${moment.accountId} RETURNING id`
  })

  const updateEndAll = SqlSchema.findAll({
    Request: Schema.Struct({ ...AccountMoment.fields, keep: Schema.NullOr(SessionId) }),
    Result: IdRow,
    execute: (moment) => sql`UPDATE sessions SET ended_at = ${moment.now}
      WHERE ${activeOf(moment)} ${moment.keep === null ? sql`` : sql`AND id <> ${moment.keep}`} RETURNING id`
  })

  const selectActiveByAccount = SqlSchema.findAll({
    Request: AccountMoment,
    Result: SessionRow,
    execute: (moment) => sql`SELECT ${columns} FROM sessions WHERE ${activeOf(moment)}
      ORDER BY last_used_at DESC, created_at DESC, id LIMIT ${mostListed}`
  })

  const selectEndedSince = SqlSchema.findAll({
    Request: Schema.DateTimeUtcFromDate,
    Result: IdRow,
    execute: (since) => sql`SELECT id FROM sessions WHERE ended_at >= ${since}
      ORDER BY ended_at DESC LIMIT ${mostEnded}`
  })

  // Waits for nobody's lock, so that two instances that write about the same sessions never deadlock.
  const updateLastUses = SqlSchema.findAll({
    Request: Uses,
    Result: IdRow,
    execute: (uses) => sql`
      WITH used AS (
        SELECT id, at FROM unnest(
          ${uses.map(({ id }) => id)}::text[]::uuid[], ${uses.map(({ at }) => at)}::text[]::timestamptz[]
        ) AS used (id, at)
      ), behind AS (
        SELECT sessions.id, used.at FROM sessions JOIN used USING (id)
        WHERE sessions.last_used_at < used.at AND sessions.ended_at IS NULL
        FOR NO KEY UPDATE OF sessions SKIP LOCKED
      ), moved AS (
        UPDATE sessions SET last_used_at = behind.at FROM behind WHERE sessions.id = behind.id
      )
      SELECT id FROM used
      WHERE NOT EXISTS (SELECT FROM sessions WHERE sessions.id = used.id AND sessions.ended_at IS NULL)`
  })

  const deleteRows = SqlSchema.void({
    Request: Schema.DateTimeUtcFromDate,
    execute: (before) => sql`DELETE FROM sessions WHERE ended_at < ${before} OR expires_at < ${before}`
  })

  return {
    insertRow,
    selectActive,
    selectRefreshState,
    updateExpiry,
    updateToken,
    updateEnd,
    updateEndByAccount,
    updateEndAll,
    selectActiveByAccount,
    selectEndedSince,
    updateLastUses,
    deleteRows
  }
}
