// Opens the embedded database in the folder given, writes rows until it is killed, and says each that is acknowledged.
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { database, migrate } from "../../../src/adapters/postgres/Database.ts"

const tables = {
  "0001_rows": Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`CREATE TABLE rows (id bigint PRIMARY KEY, text text)`
  })
}

const write = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [last] = yield* sql<{ id: number }>`SELECT coalesce(max(id), 0) AS id FROM rows`
  let id = last?.id ?? 0
  const one = Effect.suspend(() => {
    const mine = ++id
    return Effect.andThen(sql`INSERT INTO rows VALUES (${mine}, ${"x".repeat(500)})`, Console.log(`row ${mine}`))
  })
  yield* Console.log("open")
  yield* Effect.forEach(Array.from({ length: 4 }), () => Effect.forever(one), { concurrency: 4 })
})

const [dataDir = "", mode = "write"] = process.argv.slice(2)
const Main = Layer.provideMerge(migrate(tables), database({ _tag: "Embedded", dataDir }))

const work = mode === "write" ? write : Effect.andThen(Console.log("open"), Effect.never)
work.pipe(
  Effect.provide(Main),
  Effect.tapError((error) => Console.log(`refused: ${error.message}`)),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
