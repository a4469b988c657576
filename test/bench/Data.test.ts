import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { searchText } from "../../src/domain/shared/SearchText.ts"
import { newDatabase } from "../../bench/database/BenchDatabase.ts"
import { settled } from "../../bench/database/Events.ts"
import { drivenUsers, fanOutUsers, friends, fullSizes, smokeSizes } from "../../bench/database/Sizes.ts"
import { running } from "../../bench/Process.ts"
import { openData } from "../../bench/Stage.ts"
import { turnsOf } from "../../bench/Turns.ts"
import { root } from "../support/RookeryServer.ts"
import { describeWith, postgresUrl } from "../support/Services.ts"

const server = postgresUrl ?? ""

describeWith(postgresUrl)("the data of the bench", () => {
  it.live("has as much for each user as it says, found by what Rookery searches for, and the same each time", () =>
    Effect.gen(function* () {
      const { contacts, sizes, sql } = yield* openData(server, smokeSizes)
      for (const account of [...drivenUsers(sizes), ...fanOutUsers(sizes)]) {
        assert.lengthOf(contacts.get(account) ?? [], sizes.contacts)
      }
      // What pgbench is told.
      const ids = contacts.get(3)?.map(({ id }) => id)
      assert.deepStrictEqual(
        ids,
        Array.from({ length: sizes.contacts }, (_, turn) => 3 + sizes.users * turn)
      )
      const rows = yield* sql<{ firstName: string; lastName: string; email: string; searchText: string }>`
        SELECT first_name, last_name, email, search_text FROM contacts`
      assert.lengthOf(rows, sizes.users * sizes.contacts)
      for (const row of rows) assert.strictEqual(row.searchText, searchText(row.firstName, row.lastName, row.email))
      assert.isAbove(new Set(rows.map(({ lastName }) => lastName)).size, 30)

      const sums = (from: typeof sql) => from`SELECT
        (SELECT md5(string_agg(contacts::text, '' ORDER BY id)) FROM contacts),
        (SELECT md5(string_agg(notes::text, '' ORDER BY id)) FROM notes) AS notes,
        (SELECT count(*) FROM friendships) AS friends`
      const again = yield* openData(server, smokeSizes)
      assert.deepStrictEqual(yield* sums(sql), yield* sums(again.sql))
    }).pipe(Effect.scoped)
  )

  it.live("is dropped with whoever is still connected", () =>
    Effect.gen(function* () {
      const database = yield* Effect.scoped(newDatabase(server))
      const error = yield* Effect.flip(Effect.scoped(openData(database, smokeSizes)))
      assert.include(error.message, "does not exist")
    })
  )

  it("has users enough for every scenario", () => {
    for (const sizes of [fullSizes, smokeSizes]) {
      const used = [...drivenUsers(sizes), ...fanOutUsers(sizes), ...friends(sizes).flat()]
      assert.strictEqual(new Set(used).size, used.length)
      assert.isTrue(used.every((account) => account >= 1 && account <= sizes.users))
      for (const [sender, receiver] of friends(sizes)) {
        assert.strictEqual(sender % 2, 1)
        assert.strictEqual(receiver, sender + 1)
      }
    }
    assert.strictEqual(fullSizes.fanOutUsers * fullSizes.socketsOfEach, 5000)
  })
})

/** Begins a transaction, holds a lock for a while, and commits; without end. */
const holder = `
  import pg from "pg"
  const client = new pg.Client(process.env.DATABASE_URL)
  await client.connect()
  for (;;) {
    await client.query("BEGIN")
    await client.query("UPDATE accounts SET first_name = 'Ada' WHERE id = 1")
    console.log("locked")
    await new Promise((resolve) => setTimeout(resolve, 200))
    await client.query("COMMIT")
    await new Promise((resolve) => setTimeout(resolve, 200))
  }`

describeWith(postgresUrl)("whose turn it is", () => {
  it.live("is over only when no transaction is left open", () =>
    Effect.gen(function* () {
      const { sql, world } = yield* openData(server, smokeSizes)
      const process = yield* running({
        command: globalThis.process.execPath,
        args: ["--input-type=module", "--eval", holder],
        cwd: root,
        env: { DATABASE_URL: world.databaseUrl }
      })
      while (!process.output().includes("locked")) yield* Effect.sleep("10 millis")
      const turns = turnsOf(sql, process, "It")
      yield* turns.pause
      yield* sql`SET lock_timeout = '1s'`
      yield* sql`UPDATE accounts SET first_name = 'Grace' WHERE id = 1`
      const before = process.output()
      yield* Effect.sleep("500 millis")
      assert.strictEqual(process.output(), before)
      yield* turns.resume
      yield* Effect.sleep("700 millis")
      assert.isAbove(process.output().length, before.length)
    }).pipe(Effect.scoped)
  )
})

describeWith(postgresUrl)("events", () => {
  it.live("are waited for until they are handled", () =>
    Effect.gen(function* () {
      const { sql } = yield* openData(server, smokeSizes)
      yield* sql`INSERT INTO outbox (event_id, destination, type, subject, data)
        VALUES (gen_random_uuid(), 'broker', 'a', 'b', '{}')`
      let done = false
      const waiting = yield* Effect.forkChild(
        Effect.andThen(
          settled(sql),
          Effect.sync(() => {
            done = true
          })
        )
      )
      yield* Effect.sleep("200 millis")
      assert.isFalse(done)
      yield* sql`DELETE FROM outbox`
      yield* Effect.sleep("300 millis")
      assert.isTrue(done)
      waiting.interruptUnsafe()
    }).pipe(Effect.scoped)
  )
})
