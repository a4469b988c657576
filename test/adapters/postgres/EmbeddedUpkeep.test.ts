import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { SqlClient } from "effect/sql"
import { embeddedUpkeep } from "../../../src/adapters/postgres/EmbeddedUpkeep.ts"
import { embeddedDatabase } from "../../support/TestDatabase.ts"

const state = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ dead: number; log: number }>`SELECT
    (SELECT sum(n_dead_tup) FROM pg_stat_user_tables)::int AS dead,
    (SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn)::int FROM pg_control_checkpoint()) AS log`
  return row ?? { dead: 0, log: 0 }
})

const tables = {
  "0001_queue": Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`CREATE TABLE queue (id int, text text)`
  })
}

layer(embeddedDatabase(tables))("embeddedUpkeep", (it) => {
  it.effect("gives back the space of deleted rows and cuts the log", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO queue SELECT n, repeat('x', 1000) FROM generate_series(1, 40000) n`
      yield* sql`DELETE FROM queue`
      yield* sql`SELECT pg_stat_force_next_flush()`
      const before = yield* state
      assert.isAbove(before.dead, 39_000)
      assert.isAbove(before.log, 32 * 1024 * 1024)

      yield* Effect.forkChild(embeddedUpkeep)
      yield* TestClock.adjust("20 seconds")
      const after = yield* Effect.repeat(Effect.andThen(Effect.yieldNow, state), {
        until: ({ dead, log }) => dead === 0 && log < 1024 * 1024
      })
      assert.strictEqual(after.dead, 0)
    })
  )
})
