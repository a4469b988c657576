import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, Schedule, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { existsSync, realpathSync } from "node:fs"
import { join } from "node:path"
import { clientSettings, database, type DatabaseError, type DatabaseOptions } from "./Database.ts"
import { databaseSocketPath, isAnswered } from "./DatabaseSocket.ts"
import type { DataDirInUse } from "./DataDirLock.ts"

/** A script must not make the database that it was sent to look after. */
export class NoDatabase extends Schema.TaggedError<NoDatabase>()("NoDatabase", { dir: Schema.String }) {
  override get message() {
    return `There is no database in DATA_DIR ${this.dir}: start Rookery there once, or set DATABASE_URL`
  }
}

/** A server that has just locked the folder listens within this time, or not at all. */
const socketAppears = Schedule.spaced("200 millis").pipe(Schedule.upTo({ times: 25 }))
const scriptConnections = 2

/**
 * The database for a maintenance script: the server's, or the embedded one, which is reached through the socket of a
 * running Rookery and opened here when none runs (one that starts meanwhile is refused).
 */
export const existingDatabase = (
  options: DatabaseOptions
): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient, DatabaseError | NoDatabase> => {
  if (options._tag === "Server") return database(options)
  const { dataDir } = options
  if (!existsSync(join(dataDir, "postgres"))) return Layer.unwrap(Effect.fail(new NoDatabase({ dir: dataDir })))
  return database(options).pipe(Layer.catchTag("DataDirInUse", (refused) => throughSocket(dataDir, refused)))
}

const throughSocket = (dataDir: string, refused: DataDirInUse) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const path = databaseSocketPath(realpathSync(dataDir))
      if (path === undefined) return yield* refused
      yield* isAnswered(path).pipe(
        Effect.filterOrFail(
          (answered) => answered,
          () => refused
        ),
        Effect.retry(socketAppears)
      )
      return PgClient.layer({
        ...clientSettings,
        path,
        username: "postgres",
        database: "postgres",
        maxConnections: scriptConnections
      }).pipe(Layer.orDie)
    })
  )
