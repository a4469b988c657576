import type { PGlite } from "@electric-sql/pglite"
import { Context, Effect, Layer, Schema, type Scope } from "effect"
import { cpSync, existsSync } from "node:fs"
import { mkdir, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import type { Duplex } from "node:stream"
import { databaseSocketPath, isAnswered, listenForScripts } from "./DatabaseSocket.ts"
import { DataDirInUse, type DataDirUnusable, lockDataDir } from "./DataDirLock.ts"
import { findImage } from "./EmbeddedImage.ts"
import { PgliteHub } from "./PgliteHub.ts"

/** The files under DATA_DIR do not open. */
export class EmbeddedPostgresUnusable extends Schema.TaggedError<EmbeddedPostgresUnusable>()(
  "EmbeddedPostgresUnusable",
  { folder: Schema.String, reason: Schema.String }
) {
  override get message() {
    return `The embedded database in ${this.folder} does not open: ${this.reason}`
  }
}

/** The embedded database died under way. What was acknowledged is on disk: a new start recovers it. */
export class EmbeddedPostgresCrashed extends Schema.TaggedError<EmbeddedPostgresCrashed>()("EmbeddedPostgresCrashed", {
  cause: Schema.Defect()
}) {
  override get message() {
    return "The embedded database has crashed; start again to recover it"
  }
}

export type EmbeddedPostgresError = DataDirInUse | DataDirUnusable | EmbeddedPostgresUnusable

/** The Postgres that runs inside this process, with its files in DATA_DIR/postgres. */
export class EmbeddedPostgres extends Context.Service<
  EmbeddedPostgres,
  {
    /** Opens a session: a server's end of a connection. */
    readonly stream: () => Duplex
    /** Sessions, those of maintenance scripts included, and which of them have something to run or a transaction open. */
    readonly sessions: Effect.Effect<{ readonly open: number; readonly active: number }>
    /** Fails when the database has died; the process should end then. */
    readonly crashed: Effect.Effect<never, EmbeddedPostgresCrashed>
  }
>()("rookery/adapters/postgres/EmbeddedPostgres") {
  /**
   * Locks the folder, opens or makes its database, and closes it with a checkpoint. It survives a killed process, but
   * not a power cut: nothing here waits for the disk. A new one begins as the installation's `image`, where there is
   * one (see `makeImage`).
   */
  static readonly layer = (dataDir: string, image?: string): Layer.Layer<EmbeddedPostgres, EmbeddedPostgresError> =>
    Layer.effect(EmbeddedPostgres, open(dataDir, image))
}

const open = Effect.fnUntraced(function* (dataDir: string, image?: string) {
  const path = yield* lockDataDir(dataDir)
  const ready = Promise.withResolvers<() => Duplex>()
  ready.promise.catch(() => {})
  yield* Effect.addFinalizer(() => Effect.sync(() => ready.reject(new Error("The database has not opened"))))
  yield* letScriptsIn(dataDir, path, ready.promise)
  const db = yield* openFolder(join(path, "postgres"), image)
  const hub = yield* Effect.acquireRelease(
    Effect.promise(() => PgliteHub.open(db)),
    (hub) => Effect.promise(() => hub.close())
  )
  ready.resolve(hub.stream)
  const crashed = Effect.flatMap(
    Effect.promise(() => hub.crashed),
    (cause) => Effect.fail(new EmbeddedPostgresCrashed({ cause }))
  )
  return EmbeddedPostgres.of({ stream: hub.stream, sessions: Effect.sync(() => hub.count()), crashed })
})

/** Before the database is opened, so that a server in another container, which shares no lock, finds it answered. */
const letScriptsIn = Effect.fnUntraced(function* (dataDir: string, path: string, stream: Promise<() => Duplex>) {
  const socket = databaseSocketPath(path)
  if (socket === undefined) {
    return yield* Effect.logWarning(
      "DATA_DIR's path is too long for a socket: scripts can work while no server runs only"
    )
  }
  if (yield* isAnswered(socket)) return yield* new DataDirInUse({ dir: dataDir })
  yield* listenForScripts(socket, stream).pipe(
    Effect.catch((error) => Effect.logWarning("Maintenance scripts cannot reach this server", error))
  )
})

const openFolder = Effect.fnUntraced(function* (folder: string, image?: string) {
  if (!existsSync(join(folder, "PG_VERSION"))) yield* create(folder, image)
  return yield* openFiles(folder)
})

/** Made aside and renamed when whole: what a killed first start leaves is never taken for a database. */
const create = Effect.fnUntraced(function* (folder: string, image?: string) {
  const unfinished = `${folder}.new`
  const file = (work: () => Promise<unknown>) =>
    Effect.tryPromise({ try: work, catch: (error) => new EmbeddedPostgresUnusable({ folder, reason: String(error) }) })
  yield* file(() => rm(unfinished, { recursive: true, force: true }))
  yield* file(() => mkdir(unfinished, { mode: 0o700 }))
  const whole = findImage(image)
  // An image is a database that was closed. One that is made here has to be closed before it can be renamed.
  if (whole === undefined) yield* Effect.scoped(openFiles(unfinished))
  else yield* file(async () => cpSync(whole, unfinished, { recursive: true }))
  yield* file(() => rename(unfinished, folder))
})

const openFiles = (folder: string): Effect.Effect<PGlite, EmbeddedPostgresUnusable, Scope.Scope> => {
  let lastWords = ""
  const onStderr = (line: string) => {
    // Not the rest: statements and their values are in it.
    const found = /(?:FATAL|PANIC): +(.*)/.exec(line)?.[1]
    if (found !== undefined) lastWords = found
    return false
  }
  return Effect.acquireRelease(
    Effect.tryPromise({
      try: async () => {
        // Loaded only where it is used: a server on a real Postgres has no need of it.
        const { PGlite } = await import("@electric-sql/pglite")
        const startParams = [...PGlite.defaultStartParams, "-c", "shared_buffers=16MB"]
        return PGlite.create({ dataDir: folder, startParams, onStderr })
      },
      catch: (error) => new EmbeddedPostgresUnusable({ folder, reason: lastWords === "" ? String(error) : lastWords })
    }),
    // A database that has crashed cannot be closed; it recovers when it is opened again.
    (db) => Effect.ignore(Effect.tryPromise(() => db.close()))
  )
}
