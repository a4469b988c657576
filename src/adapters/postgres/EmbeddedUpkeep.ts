import { Effect, Schedule, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"

const interval = "15 seconds"
/** Bytes of log since the last checkpoint: what a start after a kill would have to replay, and what lies on disk. */
const longestLog = 32 * 1024 * 1024

/**
 * What a server does in background processes and an embedded database has nobody for: checkpoints, or the write-ahead
 * log grows until the next clean stop, and vacuum, or the space of deleted rows is never used again.
 */
export const embeddedUpkeep = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient

  const logLength = SqlSchema.findOne({
    Request: Schema.Void,
    Result: Schema.Struct({ bytes: Schema.Number }),
    execute: () =>
      sql`SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn)::bigint AS bytes FROM pg_control_checkpoint()`
  })

  // Autovacuum's own rule with a higher floor, since a vacuum here holds everybody up.
  const tablesInNeed = SqlSchema.findAll({
    Request: Schema.Void,
    Result: Schema.Struct({ relname: Schema.String }),
    execute: () => sql`SELECT relname FROM pg_stat_user_tables WHERE schemaname = current_schema()
      AND (n_dead_tup > 1000 + 0.2 * n_live_tup OR n_mod_since_analyze > 1000 + 0.1 * n_live_tup)`
  })

  const pass = Effect.gen(function* () {
    yield* sql`SELECT pg_stat_force_next_flush()`
    for (const { relname } of yield* tablesInNeed()) yield* sql`VACUUM (ANALYZE) ${sql(relname)}`
    if ((yield* logLength()).bytes > longestLog) yield* sql`CHECKPOINT`
  }).pipe(Effect.catchCause((cause) => Effect.logWarning("Upkeep of the embedded database failed", cause)))

  yield* pass.pipe(Effect.delay(interval), Effect.repeat(Schedule.forever))
})
