import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { EmbeddedPostgres, type EmbeddedPostgresCrashed } from "./EmbeddedPostgres.ts"

/** Connections of this process to its database, those of maintenance scripts to an embedded one included. */
export interface Connections {
  readonly open: number
  /** Those at work: with a statement under way, or a transaction open. */
  readonly active: number
  /** How many the pool may open. */
  readonly max: number
}

/** How the database does, beside its answers. */
export class DatabaseWatch extends Context.Service<
  DatabaseWatch,
  {
    /**
     * For the process to watch while it runs, and end by: a database that cannot come back by itself. Never returns
     * until it fails. A server that is away does not fail it: the pool connects again.
     */
    readonly lost: Effect.Effect<never, EmbeddedPostgresCrashed>
    /** Asks a server, over a connection of the pool that does not count as active for it. Dies when that is away. */
    readonly connections: Effect.Effect<Connections>
  }
>()("rookery/adapters/postgres/DatabaseWatch") {
  /** `applicationName` is the pool's alone. */
  static readonly server = (
    applicationName: string,
    max: number
  ): Layer.Layer<DatabaseWatch, never, SqlClient.SqlClient> =>
    Layer.effect(
      DatabaseWatch,
      Effect.map(SqlClient.SqlClient, (sql) => ({
        lost: Effect.never,
        connections: Effect.map(countConnections(sql, applicationName), (count) => ({ ...count, max }))
      }))
    )

  static readonly embedded = (max: number): Layer.Layer<DatabaseWatch, never, EmbeddedPostgres> =>
    Layer.effect(
      DatabaseWatch,
      Effect.map(EmbeddedPostgres, ({ crashed, sessions }) => ({
        lost: crashed,
        connections: Effect.map(sessions, (count) => ({ ...count, max }))
      }))
    )
}

/** The driver's pool tells nobody. */
const countConnections = (sql: SqlClient.SqlClient, applicationName: string) =>
  SqlSchema.findOne({
    Request: Schema.Void,
    Result: Schema.Struct({ open: Schema.Number, active: Schema.Number }),
    execute: () => sql`SELECT count(*) AS open,
      count(*) FILTER (WHERE state NOT IN ('idle', 'disabled') AND pid <> pg_backend_pid()) AS active
      FROM pg_stat_activity WHERE application_name = ${applicationName}`
  })().pipe(Effect.orDie)
