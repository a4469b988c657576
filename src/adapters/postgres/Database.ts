import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, Redacted, Schema, String } from "effect"
import { Migrator, type SqlClient, SqlError } from "effect/sql"
import { randomBytes } from "node:crypto"
import { DatabaseTooOld, type DatabaseUnavailable, serverName, serverWords, unavailable } from "./DatabaseServer.ts"
import { DatabaseWatch } from "./DatabaseWatch.ts"
import { EmbeddedPostgres, type EmbeddedPostgresError } from "./EmbeddedPostgres.ts"
import { embeddedUpkeep } from "./EmbeddedUpkeep.ts"
import { gatheringSocket } from "./GatheredWrites.ts"
import { types } from "./Int8.ts"

export type DatabaseOptions =
  | {
      readonly _tag: "Server"
      readonly url: Redacted.Redacted
      readonly maxConnections: number
    }
  | {
      readonly _tag: "Embedded"
      /** The database is in its folder `postgres`. */
      readonly dataDir: string
    }

export type DatabaseError = DatabaseUnavailable | DatabaseTooOld | EmbeddedPostgresError

export type Database = PgClient.PgClient | SqlClient.SqlClient | DatabaseWatch

const oldestServer = 15
/** They cost little where a session is an object, but each keeps up to 100 statements prepared. */
const embeddedConnections = 8

/**
 * How every connection speaks: snake_case columns are camelCase members, JSON is left as it is, and bigints are numbers.
 * Statements of several fibers are pipelined, few enough on one connection that none waits long for another's commit.
 * A connection may take 5 seconds, or what the URL's `connect_timeout` says.
 *
 * Inside a transaction write `SELECT pg_notify(...)`: the client's `notify` takes a connection of its own, which tells
 * before the commit, and on an embedded database waits for the very transaction that waits for it.
 */
export const clientSettings = {
  applicationName: "rookery",
  multiplex: true,
  multiplexConcurrency: 8,
  transformJson: false,
  transformQueryNames: String.camelToSnake,
  transformResultNames: String.snakeToCamel,
  types
} satisfies PgClient.PgClientConfig

/** The database, connected: a server, or the one inside this process. Its tables are `migrate`'s business. */
export const database = (options: DatabaseOptions): Layer.Layer<Database, DatabaseError> =>
  options._tag === "Server" ? onServer(options.url, options.maxConnections) : embedded(options.dataDir)

/** The tables could not be brought up to date; the migrations that had not run yet are undone together. */
export class MigrationFailed extends Schema.TaggedError<MigrationFailed>()("MigrationFailed", {
  reason: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    return `The database's tables could not be brought up to date: ${this.reason}`
  }
}

/**
 * Brings the tables up to date before whatever is built on this layer. Safe when several instances start at once: they
 * wait for each other on a lock of the migrations' own table.
 */
export const migrate = (
  migrations: Record<string, Effect.Effect<void, unknown, SqlClient.SqlClient>>
): Layer.Layer<never, MigrationFailed, SqlClient.SqlClient> =>
  Layer.effectDiscard(
    Effect.mapError(
      Migrator.make({})({ loader: Migrator.fromRecord(migrations), table: "schema_migrations" }),
      (cause) => new MigrationFailed({ reason: reasonOf(cause), cause })
    )
  )

const reasonOf = (error: Migrator.MigrationError | SqlError.SqlError): string => {
  if (error._tag === "SqlError") return serverWords(error)
  return SqlError.isSqlError(error.cause) ? `${error.message}: ${serverWords(error.cause)}` : error.message
}

/** Probes of a silent connection begin after this long, in milliseconds. */
const keepAlive = 10_000

/** Where the URL names one host to be reached over TCP: sockets that gather what is written to them. */
const transport = (url: Redacted.Redacted): Pick<PgClient.PgClientConfig, "stream"> => {
  const parsed = URL.parse(Redacted.value(url))
  // A Unix socket, a name that only a parameter gives, and what the driver will refuse are left to the driver.
  if (parsed === null || !/^[\w.:[\]-]+$/.test(parsed.hostname)) return {}
  if (parsed.searchParams.has("host") || parsed.searchParams.has("port")) return {}
  const host = parsed.hostname.replace(/^\[|\]$/g, "")
  const port = parsed.port === "" ? 5432 : Number(parsed.port)
  return { stream: () => gatheringSocket(host, port, keepAlive) }
}

const onServer = (url: Redacted.Redacted, maxConnections: number): Layer.Layer<Database, DatabaseError> => {
  // By which the server knows the pool's connections from others'.
  const applicationName = `${clientSettings.applicationName}-${randomBytes(4).toString("hex")}`
  const settings = { ...clientSettings, applicationName, url, maxConnections, keepAlive, ...transport(url) } as const
  const client = PgClient.make(settings).pipe(
    Effect.tap((sql) => requireVersion(sql, url, oldestServer)),
    Effect.catchTag("SqlError", (error) => Effect.fail(unavailable(url)(error)))
  )
  return Layer.provideMerge(DatabaseWatch.server(applicationName, maxConnections), PgClient.layerFrom(client))
}

/** Asks the server; the first word with it, so a server that is away is found out here. */
export const requireVersion = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  url: Redacted.Redacted,
  oldest: number
): Effect.fn.Return<void, SqlError.SqlError | DatabaseTooOld> {
  const [row] = yield* sql<{ version: string }>`SELECT current_setting('server_version') AS version`
  const version = row?.version ?? "unknown"
  if (Number.parseInt(version) >= oldest) return
  return yield* new DatabaseTooOld({ server: serverName(url), version, oldest })
})

const embedded = (dataDir: string): Layer.Layer<Database, DatabaseError> => {
  const client = Layer.unwrap(
    Effect.map(EmbeddedPostgres, ({ stream }) =>
      PgClient.layer({
        ...clientSettings,
        stream,
        username: "postgres",
        database: "postgres",
        maxConnections: embeddedConnections
      })
    )
  ).pipe(Layer.orDie)
  const upkeep = Layer.effectDiscard(Effect.forkScoped(embeddedUpkeep))
  return Layer.merge(Layer.provideMerge(upkeep, client), DatabaseWatch.embedded(embeddedConnections)).pipe(
    Layer.provide(EmbeddedPostgres.layer(dataDir))
  )
}
