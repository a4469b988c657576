import { PgClient } from "@effect/sql-pg"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Queue, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { createServer } from "node:net"
import { database, migrate, requireVersion } from "../../../src/adapters/postgres/Database.ts"
import { int8Array } from "../../../src/adapters/postgres/Int8.ts"
import { describeWith, freshDatabase, postgresUrl } from "../../support/Services.ts"
import { databases } from "../../support/TestDatabase.ts"

const tables = {
  "0001_counters": Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`CREATE TABLE counters (id bigint PRIMARY KEY, total_count bigint NOT NULL, some_json jsonb)`
    yield* sql`INSERT INTO counters VALUES (1, 0, '{"snake_key": {"camelKey": 1}}')`
  })
}

const total = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ totalCount: number }>`SELECT total_count FROM counters WHERE id = 1`
  return row?.totalCount
})

const add = (count: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`UPDATE counters SET total_count = total_count + ${count} WHERE id = 1`
  })

for (const { name, needs, fresh } of databases) {
  describeWith(...needs)(name, () => {
    layer(fresh(tables))((it) => {
      it.effect("names columns in camelCase, leaves JSON alone and counts in numbers", () =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const [row] = yield* sql`SELECT id, total_count, some_json, (SELECT count(*) FROM counters) AS row_count,
            ARRAY[1, 5000000000]::bigint[] AS some_ids FROM counters`
          assert.deepStrictEqual(row, {
            id: 1,
            totalCount: 0,
            someJson: { snake_key: { camelKey: 1 } },
            rowCount: 1,
            someIds: [1, 5_000_000_000]
          })
        })
      )

      it.effect("takes ids on both sides of 2^31, alone and together, and JSON with its keys", () =>
        Effect.gen(function* () {
          const sql = yield* PgClient.PgClient
          const json = { snake_key: [1], camelKey: null }
          yield* sql`INSERT INTO counters ${sql.insert({ id: 5_000_000_000, totalCount: 7, someJson: sql.json(json) })}`
          const rows =
            yield* sql`SELECT total_count, some_json FROM counters WHERE id = ANY(${int8Array([2, 5_000_000_000])})`
          assert.deepStrictEqual(rows, [{ totalCount: 7, someJson: json }])
          assert.lengthOf(yield* sql`SELECT 1 FROM counters WHERE id = ANY(${int8Array([])})`, 0)
          yield* sql`DELETE FROM counters WHERE id = ${5_000_000_000}`
        })
      )

      it.effect("fails on a bigint that no number holds, and goes on", () =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const error = yield* Effect.flip(sql`SELECT 9007199254740993::bigint AS big`)
          assert.strictEqual(error._tag, "SqlError")
          assert.deepStrictEqual(yield* sql`SELECT ${Number.MAX_SAFE_INTEGER}::bigint AS big`, [
            { big: Number.MAX_SAFE_INTEGER }
          ])
        })
      )

      it.effect("keeps transactions of many fibers apart", () =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const before = (yield* total) ?? 0
          const readAndWrite = sql.withTransaction(
            Effect.gen(function* () {
              yield* sql`SELECT 1 FROM counters WHERE id = 1 FOR UPDATE`
              const seen = (yield* total) ?? 0
              yield* sql`SELECT pg_sleep(0)`
              yield* sql`UPDATE counters SET total_count = ${seen + 1} WHERE id = 1`
            })
          )
          const failing = Effect.ignore(sql.withTransaction(Effect.andThen(add(1000), Effect.fail("no"))))
          yield* Effect.all(
            Array.from({ length: 40 }, (_, n) => (n % 4 === 0 ? failing : readAndWrite)),
            { concurrency: "unbounded", discard: true }
          )
          assert.strictEqual(yield* total, before + 30)
        })
      )

      it.effect("nests a rollback within a transaction", () =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const before = (yield* total) ?? 0
          yield* sql.withTransaction(
            Effect.andThen(add(1), Effect.ignore(sql.withTransaction(Effect.andThen(add(100), Effect.fail("inner")))))
          )
          assert.strictEqual(yield* total, before + 1)
        })
      )

      it.effect("rolls back an interrupted transaction", () =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const before = yield* total
          const fiber = yield* Effect.forkChild(sql.withTransaction(Effect.andThen(add(5), Effect.never)))
          yield* Effect.yieldNow
          yield* Fiber.interrupt(fiber)
          assert.strictEqual(yield* total, before)
        })
      )

      it.effect("leaves a connection usable after a failed statement", () =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const results = yield* Effect.forEach(
            Array.from({ length: 30 }, (_, n) => n),
            (n) => Effect.exit(n % 3 === 0 ? sql`INSERT INTO counters VALUES (1, 0)` : sql`SELECT ${n}::int AS n`),
            { concurrency: "unbounded" }
          )
          assert.strictEqual(results.filter(Exit.isFailure).length, 10)
        })
      )

      it.effect("tells listeners of what was committed, and keeps telling when one leaves", () =>
        Effect.gen(function* () {
          const sql = yield* PgClient.PgClient
          const kept = yield* sql.listen("changes")
          yield* Effect.scoped(
            Effect.gen(function* () {
              const other = yield* sql.listen("changes")
              yield* sql.notify("changes", "both")
              assert.strictEqual((yield* Queue.take(other)).payload, "both")
            })
          )
          yield* Effect.ignore(
            sql.withTransaction(Effect.andThen(sql`SELECT pg_notify('changes', 'never')`, Effect.fail("no")))
          )
          yield* sql.withTransaction(sql`SELECT pg_notify('changes', 'one')`)
          assert.deepStrictEqual(
            [(yield* Queue.take(kept)).payload, (yield* Queue.take(kept)).payload],
            ["both", "one"]
          )
        })
      )
    })
  })
}

describeWith(postgresUrl)("the server's database", () => {
  const migrating = (url: Redacted.Redacted, record: Parameters<typeof migrate>[0]) =>
    Layer.provideMerge(migrate(record), database({ _tag: "Server", url, maxConnections: 3 }))

  it.live("is migrated once by four instances that start together", () =>
    Effect.gen(function* () {
      const url = yield* freshDatabase()
      const slow = {
        ...tables,
        "0002_once": Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          yield* sql`SELECT pg_sleep(0.2)`
          yield* sql`UPDATE counters SET total_count = total_count + 1`
        })
      }
      const instance = Effect.provide(total, migrating(url, slow))
      assert.deepStrictEqual(
        yield* Effect.all([instance, instance, instance, instance], { concurrency: 4 }),
        [1, 1, 1, 1]
      )
      const third = { "0003_again": add(1) }
      const next = Effect.provide(total, migrating(url, { ...slow, ...third }))
      assert.deepStrictEqual(yield* Effect.all([next, next, next, next], { concurrency: 4 }), [2, 2, 2, 2])
    })
  )

  it.live("is left as it was by a migration that fails", () =>
    Effect.gen(function* () {
      const url = yield* freshDatabase()
      const broken = {
        ...tables,
        "0002_more": add(1),
        "0003_broken": Effect.flatMap(SqlClient.SqlClient, (sql) => sql`ALTER TABLE nowhere ADD COLUMN x int`)
      }
      const error = yield* Effect.flip(Effect.provide(total, migrating(url, broken)))
      assert.strictEqual(
        error.message,
        `The database's tables could not be brought up to date: Migration "3_broken" failed: relation "nowhere" does not exist`
      )
      assert.strictEqual(yield* Effect.provide(total, migrating(url, tables)), 0)
    })
  )

  it.live("must be of a version that is new enough", () =>
    Effect.gen(function* () {
      const url = Redacted.make("postgres://ada:secret@db.example:5433/rookery?password=secret")
      const sql = yield* SqlClient.SqlClient
      yield* requireVersion(sql, url, 15)
      const error = yield* Effect.flip(requireVersion(sql, url, 99))
      assert.match(
        error.message,
        /^DATABASE_URL \(postgres:\/\/ada@db\.example:5433\/rookery\): PostgreSQL \d+\S* .*is too old, 99 or later is needed$/
      )
    }).pipe(Effect.provide(Layer.unwrap(Effect.map(freshDatabase(), (url) => migrating(url, {})))))
  )

  it.live("is named with the server's words when it does not exist", () =>
    Effect.gen(function* () {
      const url = Redacted.make(new URL("/no_such_database", postgresUrl).href)
      const error = yield* Effect.flip(Layer.build(database({ _tag: "Server", url, maxConnections: 1 })))
      assert.match(error.message, /^DATABASE_URL \(.*\/no_such_database\): database "no_such_database" does not exist$/)
    })
  )
})

describe("a database server that is away", () => {
  const failure = (url: string) =>
    Layer.build(database({ _tag: "Server", url: Redacted.make(url), maxConnections: 1 })).pipe(
      Effect.scoped,
      Effect.flip
    )

  it.live("is one line without the password", () =>
    Effect.gen(function* () {
      const error = yield* failure("postgres://ada:s3cret@127.0.0.1:1/rookery")
      assert.strictEqual(error._tag, "DatabaseUnavailable")
      assert.strictEqual(
        error.message,
        "DATABASE_URL (postgres://ada@127.0.0.1:1/rookery): connect ECONNREFUSED 127.0.0.1:1"
      )
      assert.notInclude(JSON.stringify(error), "s3cret")
    })
  )

  it.live("has a reason when its name has several addresses", () =>
    Effect.gen(function* () {
      const error = yield* failure("postgres://ada@localhost:1/rookery")
      assert.match(error.message, /: connect ECONNREFUSED/)
    })
  )

  it.live("is found out when it accepts and says nothing", () =>
    Effect.gen(function* () {
      const mute = createServer()
      const port = yield* Effect.acquireRelease(
        Effect.callback<number>((resume) => {
          mute.listen(0, "127.0.0.1", () => {
            const address = mute.address()
            resume(Effect.succeed(address !== null && typeof address === "object" ? address.port : 0))
          })
        }),
        () => Effect.sync(() => mute.close())
      )
      const error = yield* failure(`postgres://ada@127.0.0.1:${port}/rookery?connect_timeout=1`)
      assert.match(error.message, /timed out/)
    })
  )
})
