import { PgClient } from "@effect/sql-pg"
import { assert, it } from "@effect/vitest"
import { Effect, Exit, Redacted, Scope } from "effect"
import { Reactivity } from "effect/reactivity"
import { inject } from "vitest"
import { describeWith, freshDatabase, postgresUrl } from "./Services.ts"
import { createDatabase, newRun, sweepAbandoned, sweepRun } from "./TestDatabases.ts"

const connect = (url: Redacted.Redacted) =>
  PgClient.make({ url, maxConnections: 1 }).pipe(Effect.provide(Reactivity.layer))

const databases = Effect.scoped(
  Effect.gen(function* () {
    const sql = yield* connect(Redacted.make(postgresUrl ?? ""))
    const rows = yield* sql<{ datname: string }>`SELECT datname FROM pg_database`
    return rows.map((row) => row.datname)
  })
)

const nameOf = (url: Redacted.Redacted) => new URL(Redacted.value(url)).pathname.slice(1)

describeWith(postgresUrl)("databases of tests", () => {
  it.live("are empty, differ, and go with their scope even while somebody is connected", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const [one, two] = yield* Effect.all([freshDatabase(), freshDatabase()], { concurrency: 2 }).pipe(
        Scope.provide(scope)
      )
      assert.notStrictEqual(nameOf(one), nameOf(two))
      assert.isTrue(nameOf(one).startsWith(inject("testRun")))
      const sql = yield* connect(one)
      const tables = yield* sql`SELECT 1 FROM pg_tables WHERE schemaname = 'public'`
      assert.deepStrictEqual(tables, [])
      assert.includeMembers([...(yield* databases)], [nameOf(one), nameOf(two)])
      yield* Scope.close(scope, Exit.void)
      assert.notIncludeMembers([...(yield* databases)], [nameOf(one)])
      assert.notIncludeMembers([...(yield* databases)], [nameOf(two)])
    }).pipe(Effect.scoped)
  )

  it.live("are swept when a run was cut off", () =>
    Effect.gen(function* () {
      const run = yield* newRun
      // A scope that nobody closes stands for a killed test.
      const lost = yield* createDatabase(postgresUrl ?? "", run).pipe(Scope.provide(yield* Scope.make()))
      const young = yield* sweepAbandoned(postgresUrl ?? "")
      assert.notIncludeMembers([...young], [nameOf(lost)])
      assert.deepStrictEqual(yield* sweepRun(postgresUrl ?? "", run), [nameOf(lost)])
      const old = yield* createDatabase(postgresUrl ?? "", `rookery_test_1700000000_${run.slice(-9)}`).pipe(
        Scope.provide(yield* Scope.make())
      )
      assert.includeMembers([...(yield* sweepAbandoned(postgresUrl ?? ""))], [nameOf(old)])
      assert.notIncludeMembers([...(yield* databases)], [nameOf(old)])
    })
  )
})
