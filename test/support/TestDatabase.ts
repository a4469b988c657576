import { PGlite } from "@electric-sql/pglite"
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer } from "effect"
import type { SqlClient } from "effect/sql"
import { createHash } from "node:crypto"
import { globSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { clientSettings, database, migrate } from "../../src/adapters/postgres/Database.ts"
import { migrations } from "../../src/adapters/postgres/migrations/Migrations.ts"
import { PgliteHub } from "../../src/adapters/postgres/PgliteHub.ts"
import { freshDatabase, postgresUrl } from "./Services.ts"

type Migrations = Parameters<typeof migrate>[0]
type TestDatabase = Layer.Layer<PgClient.PgClient | SqlClient.SqlClient>

const startParams = [...PGlite.defaultStartParams, "-c", "shared_buffers=16MB"]
const pglite = fileURLToPath(new URL("../../node_modules/@electric-sql/pglite/package.json", import.meta.url))
const sources = fileURLToPath(new URL("../../src/adapters/postgres/migrations", import.meta.url))

/** A new embedded database in memory, with the tables of the project's migrations or of others. */
export const embeddedDatabase = (tables: Migrations = migrations): TestDatabase =>
  Layer.unwrap(
    Effect.gen(function* () {
      const image = yield* Effect.promise(() => template(tables === migrations ? tables : {}))
      const hub = yield* openHub(image)
      const client = clientOf(hub)
      return tables === migrations ? client : Layer.provideMerge(migrate(tables), client)
    })
  ).pipe(Layer.orDie)

/** A new database on the PostgreSQL server; use it within `describeWith(postgresUrl)`. */
export const serverDatabase = (tables: Migrations = migrations): TestDatabase =>
  Layer.unwrap(
    Effect.map(freshDatabase(), (url) =>
      Layer.provideMerge(migrate(tables), database({ _tag: "Server", url, maxConnections: 10 }))
    )
  ).pipe(Layer.orDie)

/** Both, for a suite that must pass on either: `describeWith(...needs)(name, () => { layer(fresh())(...) })`. */
export const databases = [
  { name: "embedded Postgres", needs: [], fresh: embeddedDatabase },
  { name: "server Postgres", needs: [postgresUrl], fresh: serverDatabase }
] as const

/** A bare PGlite in memory without tables, which the caller closes. */
export const openImage = async (): Promise<PGlite> => PGlite.create({ loadDataDir: await template({}), startParams })

const openHub = (image: Blob) =>
  Effect.gen(function* () {
    const db = yield* Effect.acquireRelease(
      Effect.promise(() => PGlite.create({ loadDataDir: image, startParams })),
      (db) => Effect.promise(() => db.close())
    )
    return yield* Effect.acquireRelease(
      Effect.promise(() => PgliteHub.open(db)),
      (hub) => Effect.promise(() => hub.close())
    )
  })

const clientOf = (hub: PgliteHub) =>
  PgClient.layer({
    ...clientSettings,
    stream: hub.stream,
    username: "postgres",
    database: "postgres",
    maxConnections: 8
  })

/** What making a database takes seconds for, made once on a machine for each PGlite and each state of the migrations. */
const template = async (tables: Migrations): Promise<Blob> => {
  const file = join(tmpdir(), `rookery-test-template-${fingerprint(tables)}.tar`)
  try {
    return new Blob([readFileSync(file)])
  } catch {
    const image = await Effect.runPromise(Effect.scoped(makeTemplate(tables)))
    // Two test files may get here at once: either's image will do, half of one will not.
    removeOldTemplates()
    const unfinished = `${file}.${process.pid}`
    writeFileSync(unfinished, image)
    renameSync(unfinished, file)
    return new Blob([image])
  }
}

/** Each is 40 MB, and each change of a migration makes another. */
const removeOldTemplates = () => {
  for (const name of globSync("rookery-test-template-*", { cwd: tmpdir() })) {
    const old = join(tmpdir(), name)
    const age = Date.now() - (statSync(old, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (age > 24 * 3600 * 1000) rmSync(old, { force: true })
  }
}

const makeTemplate = Effect.fnUntraced(function* (tables: Migrations) {
  const db = yield* Effect.acquireRelease(
    Effect.promise(() => PGlite.create({ startParams })),
    (db) => Effect.promise(() => db.close())
  )
  const hub = yield* Effect.promise(() => PgliteHub.open(db))
  yield* Effect.scoped(Layer.build(Layer.provideMerge(migrate(tables), clientOf(hub))))
  yield* Effect.promise(() => hub.close())
  const dump = yield* Effect.promise(() => db.dumpDataDir("none"))
  return new Uint8Array(yield* Effect.promise(() => dump.arrayBuffer()))
})

const fingerprint = (tables: Migrations): string => {
  const hash = createHash("sha256").update(readFileSync(pglite))
  if (tables === migrations) {
    for (const name of globSync("*.ts", { cwd: sources }).sort()) hash.update(readFileSync(join(sources, name)))
  }
  return hash.digest("hex").slice(0, 16)
}
