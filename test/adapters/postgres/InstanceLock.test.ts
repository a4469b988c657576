import { PgConnection } from "@effect/sql-pg"
import { assert, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Redacted, Schedule, Scope } from "effect"
import { InstanceLock } from "../../../src/adapters/postgres/InstanceLock.ts"
import { describeWith, freshDatabase, postgresUrl } from "../../support/Services.ts"

type Url = Redacted.Redacted

const instance = (url: Url, patience: "0 seconds" | "10 seconds") =>
  Effect.map(Layer.build(InstanceLock.layer({ url, patience })), (context) => Context.get(context, InstanceLock))

const ask = (connection: PgConnection.PgConnection, statement: string) =>
  Effect.map(connection.queryValues(statement), (rows) => rows.map((row) => row[0]))

const holders = (connection: PgConnection.PgConnection) =>
  ask(
    connection,
    `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
  )

/** The process that holds the lock, once there is one of another number than before. */
const nextHolder = (connection: PgConnection.PgConnection, before?: unknown) =>
  holders(connection).pipe(
    Effect.map((pids) => pids.filter((pid) => pid !== before)),
    Effect.filterOrFail((pids) => pids.length === 1),
    Effect.retry(Schedule.spaced("20 millis"))
  )

describeWith(postgresUrl)("InstanceLock", () => {
  it.live("turns a second instance away and says what to do", () =>
    Effect.gen(function* () {
      const url = yield* freshDatabase()
      yield* instance(url, "0 seconds")
      const error = yield* Effect.flip(instance(url, "0 seconds"))
      assert.strictEqual(error._tag, "AnotherInstance")
      assert.strictEqual(error.message, "another instance is running on this database; set NATS_URL to run several")
      yield* instance(yield* freshDatabase(), "0 seconds")
    })
  )

  it.live("lets a second instance wait for the first to leave", () =>
    Effect.gen(function* () {
      const url = yield* freshDatabase()
      const first = yield* Scope.make()
      yield* Scope.provide(instance(url, "0 seconds"), first)
      const second = yield* Effect.forkChild(instance(url, "10 seconds"))
      yield* Effect.sleep("100 millis")
      assert.isUndefined(second.pollUnsafe())
      yield* Scope.close(first, Exit.void)
      yield* Fiber.join(second)
    })
  )

  it.live("is taken again when its connection drops", () =>
    Effect.gen(function* () {
      const url = yield* freshDatabase()
      const { lost } = yield* instance(url, "0 seconds")
      const failing = yield* Effect.forkChild(lost)
      const admin = yield* PgConnection.make({ url })
      const [before] = yield* holders(admin)
      yield* ask(admin, `SELECT pg_terminate_backend(${String(before)})`)
      yield* nextHolder(admin, before)
      assert.isUndefined(failing.pollUnsafe())
    })
  )

  it.live("fails when another has taken it meanwhile", () =>
    Effect.gen(function* () {
      const url = yield* freshDatabase()
      const { lost } = yield* instance(url, "10 seconds")
      const admin = yield* PgConnection.make({ url })
      const rival = yield* PgConnection.make({ url })
      const [before] = yield* holders(admin)
      yield* Effect.forkChild(ask(rival, "SELECT pg_advisory_lock(1383034731, 6648441)"))
      yield* ask(admin, `SELECT pid FROM pg_locks WHERE pid = ${rival.processId} AND NOT granted`).pipe(
        Effect.filterOrFail((waiting) => waiting.length > 0),
        Effect.retry(Schedule.spaced("20 millis"))
      )
      yield* ask(admin, `SELECT pg_terminate_backend(${String(before)})`)
      const error = yield* Effect.flip(lost)
      assert.strictEqual(error.backend, rival.processId)
    })
  )

  it.live("says that the server is away", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(instance(Redacted.make("postgres://ada:s3cret@127.0.0.1:1/x"), "0 seconds"))
      assert.strictEqual(error.message, "DATABASE_URL (postgres://ada@127.0.0.1:1/x): connect ECONNREFUSED 127.0.0.1:1")
    })
  )
})
