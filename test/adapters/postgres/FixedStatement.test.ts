import { assert, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql"
import { fixedStatement } from "../../../src/adapters/postgres/FixedStatement.ts"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { describeWith, postgresUrl } from "../../support/Services.ts"
import { embeddedDatabase, serverDatabase } from "../../support/TestDatabase.ts"

layer(embeddedDatabase({}), { excludeTestServices: true })("a fixed statement", (it) => {
  it.effect("takes its parameters wherever they stand, and as often, beside values that stay", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const statement = fixedStatement<{ readonly text: string }, "one" | "two">(
        sql,
        ["one", "two"],
        ({ one, two }) => sql`SELECT concat_ws(' ', ${two}::text, ${"kept"}::text, ${one}::text, ${two}::text) AS text`
      )
      assert.deepStrictEqual(yield* statement({ one: "1", two: "2" }), [{ text: "2 kept 1 2" }])
      // Values are values, whatever is in them.
      assert.deepStrictEqual(yield* statement({ one: "$1", two: "'; --" }), [{ text: "'; -- kept $1 '; --" }])
    })
  )

  it.effect("names columns as they are written", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const statement = fixedStatement(sql, [], () => sql`SELECT 1 AS "firstName", 2 AS last_name`)
      assert.deepStrictEqual(yield* statement({}), [{ firstName: 1, last_name: 2 }])
    })
  )
})

describeWith(postgresUrl)("a fixed statement", () => {
  layer(serverDatabase(), { excludeTestServices: true })("on a server", (it) => {
    it.effect("leaves none of its rows with a connection that is never idle", () =>
      Effect.gen(function* () {
        setFlagsFromString("--expose-gc")
        const collect: () => void = runInNewContext("gc")
        const sql = yield* SqlClient.SqlClient
        const sleep = fixedStatement(sql, [], () => sql`SELECT pg_sleep(0.2)`)
        const statement = fixedStatement<object, never>(sql, [], () => sql`SELECT 1 AS one`)
        // Behind the row there is always another statement on the connection's way.
        const keepBusy = Effect.forkChild(Effect.andThen(Effect.sleep("20 millis"), sleep({})))
        yield* Effect.forkChild(sleep({}))
        const [, row] = yield* Effect.all([keepBusy, Effect.map(statement({}), ([one]) => new WeakRef(one ?? {}))], {
          concurrency: "unbounded"
        })
        const last = yield* Effect.forkChild(sleep({}))
        yield* Effect.sleep("20 millis")
        collect()
        assert.isUndefined(last.pollUnsafe(), "the connection has something under way")
        assert.isUndefined(row.deref())
        yield* Fiber.await(last)
      })
    )
  })
})
