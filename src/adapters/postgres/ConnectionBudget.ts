import { Effect, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"

const allowance = (sql: SqlClient.SqlClient) =>
  SqlSchema.findOne({
    Request: Schema.Void,
    Result: Schema.Struct({ connections: Schema.Int }),
    execute: () => sql`SELECT current_setting('max_connections')::int
      - current_setting('superuser_reserved_connections')::int AS connections`
  })()

/** Warns where the pools of so many processes may together want more connections than the server takes. */
export const warnOfFewConnections = (processes: number, maxConnections: number) =>
  Effect.gen(function* () {
    const { connections } = yield* allowance(yield* SqlClient.SqlClient)
    const wanted = processes * maxConnections
    if (wanted <= connections) return
    yield* Effect.logWarning(
      `The database takes ${connections} connections, and ${processes} workers open up to ${wanted}: raise its max_connections, or lower WORKERS`
    )
  }).pipe(
    Effect.catchCause((cause) => Effect.logWarning("Could not ask the database how many connections it takes", cause))
  )
