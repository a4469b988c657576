import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { fixedStatement } from "../../../src/adapters/postgres/FixedStatement.ts"
import { embeddedDatabase } from "../../support/TestDatabase.ts"

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
