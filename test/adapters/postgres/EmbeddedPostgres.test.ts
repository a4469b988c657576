import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { database } from "../../../src/adapters/postgres/Database.ts"
import { existingDatabase } from "../../../src/adapters/postgres/ExistingDatabase.ts"
import { Program } from "./Program.ts"
import { WireClient } from "./WireClient.ts"

const newFolder = () => mkdtempSync(join(tmpdir(), "rookery-test-"))
const remove = (dir: string) => rmSync(dir, { recursive: true, force: true })
const scratchDir = Effect.acquireRelease(Effect.sync(newFolder), (dir) => Effect.sync(() => remove(dir)))

/** A folder with a database in it, made once, since that takes seconds. */
const template = newFolder()
beforeAll(() => Effect.runPromise(within(template, Effect.void)))
afterAll(() => remove(template))
const databaseDir = Effect.tap(scratchDir, (dir) => Effect.sync(() => cpSync(template, dir, { recursive: true })))
const program = (...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => new Program("embeddedWriter.ts", ...args)),
    (started) => Effect.promise(() => started.kill())
  )
const line = (started: Program, start: string) => Effect.promise(() => started.line(start))
const dial = (dir: string) => connect(join(dir, "postgres.sock"))
const within = <A, E, R>(dataDir: string, use: Effect.Effect<A, E, R | SqlClient.SqlClient>) =>
  Effect.provide(use, database({ _tag: "Embedded", dataDir }))

const scriptOn =
  (dataDir: string) =>
  <A, E, R>(use: Effect.Effect<A, E, R | SqlClient.SqlClient>) =>
    Effect.provide(use, existingDatabase({ _tag: "Embedded", dataDir }))

const ids = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return new Set((yield* sql<{ id: number }>`SELECT id FROM rows ORDER BY id`).map((row) => row.id))
})

/** PostgreSQL's own word on how the folder was left: 1 is a clean stop, 6 in use or killed. */
const stateOf = (dataDir: string) => readFileSync(join(dataDir, "postgres/global/pg_control")).readInt32LE(16)

describe("EmbeddedPostgres", () => {
  it.live(
    "keeps every acknowledged row through kill -9, twice",
    () =>
      Effect.gen(function* () {
        const dir = yield* databaseDir
        for (const most of ["row 200", "row 900"]) {
          const writer = yield* program(dir)
          yield* line(writer, most)
          yield* Effect.promise(() => writer.kill())
          assert.strictEqual(stateOf(dir), 6)
          const acknowledged = writer.lines
            .filter((text) => text.startsWith("row "))
            .map((text) => Number(text.slice(4)))
          const kept = yield* within(dir, ids)
          assert.isAbove(acknowledged.length, 100)
          assert.deepStrictEqual(
            acknowledged.filter((id) => !kept.has(id)),
            []
          )
        }
        assert.strictEqual(stateOf(dir), 1)
      }),
    60_000
  )

  it.live("recovers from a first start that was killed before it was done", () =>
    Effect.gen(function* () {
      const dir = yield* scratchDir
      mkdirSync(join(dir, "postgres.new", "base"), { recursive: true })
      writeFileSync(join(dir, "postgres.new", "PG_VERSION"), "18\n")
      yield* within(
        dir,
        Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT 1`)
      )
      assert.isFalse(existsSync(join(dir, "postgres.new")))
      assert.strictEqual(stateOf(dir), 1)
    })
  )

  it.live("stops cleanly on a signal, and lets nobody else at its files", () =>
    Effect.gen(function* () {
      const dir = yield* scratchDir
      const data = join(dir, "data")
      const server = yield* program(data)
      yield* line(server, "row 20")
      assert.strictEqual(statSync(data).mode & 0o777, 0o700)
      assert.strictEqual(statSync(join(data, "postgres.sock")).mode & 0o777, 0o600)
      yield* Effect.promise(() => server.kill("SIGTERM"))
      assert.strictEqual(stateOf(data), 1)
      assert.isFalse(existsSync(join(data, "postgres.sock")))
    })
  )

  it.live(
    "refuses a second process, which says who is there",
    () =>
      Effect.gen(function* () {
        const dir = yield* databaseDir
        const first = yield* program(dir)
        yield* line(first, "row 5")
        const second = yield* program(`${dir}/.`)
        const refusal = yield* line(second, "refused")
        assert.strictEqual(refusal, `refused: DATA_DIR ${dir}/. is in use by another Rookery (pid ${first.child.pid})`)
        assert.strictEqual(yield* Effect.promise(() => second.ended), 1)
        yield* Effect.promise(() => first.kill())
        assert.isAbove((yield* within(dir, ids)).size, 4)
      }),
    60_000
  )

  it.live("refuses a folder whose socket is answered, as by a server in another container", () =>
    Effect.gen(function* () {
      const dir = yield* scratchDir
      const other = createServer((socket) => socket.destroy())
      yield* Effect.acquireRelease(
        Effect.callback<void>((resume) => {
          other.listen(join(dir, "postgres.sock"), () => resume(Effect.void))
        }),
        () => Effect.sync(() => other.close())
      )
      const error = yield* Effect.flip(within(dir, Effect.void))
      assert.strictEqual(error.message, `DATA_DIR ${dir} is in use by another Rookery`)
    })
  )

  it.live("says why files do not open", () =>
    Effect.gen(function* () {
      const dir = yield* scratchDir
      mkdirSync(join(dir, "postgres"))
      writeFileSync(join(dir, "postgres", "PG_VERSION"), "12\n")
      const error = yield* Effect.flip(within(dir, Effect.void))
      assert.strictEqual(error._tag, "EmbeddedPostgresUnusable")
      assert.include(error.message, dir)
    })
  )

  it.live("says that a folder cannot be made", () =>
    Effect.gen(function* () {
      const dir = yield* scratchDir
      writeFileSync(join(dir, "file"), "")
      const error = yield* Effect.flip(within(join(dir, "file", "data"), Effect.void))
      assert.strictEqual(error._tag, "DataDirUnusable")
      assert.match(error.message, /^DATA_DIR .*ENOTDIR/)
    })
  )

  it.live("opens where the path is too long for a socket", () =>
    Effect.gen(function* () {
      const dir = yield* scratchDir
      const deep = join(dir, "x".repeat(120))
      yield* within(
        deep,
        Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT 1`)
      )
      assert.isFalse(existsSync(join(deep, "postgres.sock")))
    })
  )

  it.live(
    "lets scripts in while a server runs, and when none does",
    () =>
      Effect.gen(function* () {
        const dir = yield* databaseDir
        const script = scriptOn(dir)
        const server = yield* program(dir)
        yield* line(server, "row 20")
        const write = Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          yield* sql.withTransaction(sql`INSERT INTO rows VALUES (-1, ${"x".repeat(300_000)})`)
          const [row] = yield* sql<{ size: number }>`SELECT length(text) AS size FROM rows WHERE id = -1`
          return row?.size
        })
        assert.strictEqual(yield* script(write), 300_000)
        yield* line(server, `row ${server.lines.length + 50}`)
        yield* Effect.promise(() => server.kill())
        assert.isTrue((yield* script(ids)).has(-1))
      }),
    60_000
  )

  it.live("makes no database for a script", () =>
    Effect.gen(function* () {
      const dir = yield* scratchDir
      const error = yield* Effect.flip(scriptOn(dir)(Effect.void))
      assert.strictEqual(error._tag, "NoDatabase")
      assert.isFalse(existsSync(join(dir, "postgres")))
    })
  )

  it.live("lets eight scripts in at a time", () =>
    Effect.gen(function* () {
      const dir = yield* databaseDir
      yield* Layer.build(database({ _tag: "Embedded", dataDir: dir }))
      const clients = yield* Effect.acquireRelease(
        Effect.promise(() => Promise.all(Array.from({ length: 8 }, () => WireClient.connect(dial(dir))))),
        (all) => Effect.sync(() => all.forEach((client) => client.stream.destroy()))
      )
      const ninth = new WireClient(dial(dir))
      yield* Effect.promise(() => ninth.closed)
      clients[0]?.stream.destroy()
      yield* Effect.promise(() => clients[0]?.closed ?? Promise.reject(new Error("no client")))
      const next = yield* Effect.promise(() => WireClient.connect(dial(dir)))
      assert.include(yield* Effect.promise(() => next.query("SELECT 'in'")), "in")
      next.stream.destroy()
    })
  )
})
