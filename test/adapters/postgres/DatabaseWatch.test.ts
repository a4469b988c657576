import { assert, it } from "@effect/vitest"
import { Context, Deferred, Effect, Fiber, Layer, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Database, database } from "../../../src/adapters/postgres/Database.ts"
import { type Connections, DatabaseWatch } from "../../../src/adapters/postgres/DatabaseWatch.ts"
import { describeWith, freshDatabase, postgresUrl } from "../../support/Services.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "rookery-test-"))),
  (dir) => Effect.sync(() => rmSync(dir, { recursive: true, force: true }))
)

const onServer = Effect.map(freshDatabase(), (url) => database({ _tag: "Server", url, maxConnections: 3 }))
const embedded = Effect.map(folder, (dataDir) => database({ _tag: "Embedded", dataDir }))

const suites: ReadonlyArray<{
  readonly name: string
  readonly needs: ReadonlyArray<string | undefined>
  readonly fresh: Effect.Effect<Layer.Layer<Database, unknown>, never, Scope.Scope>
  readonly max: number
}> = [
  { name: "embedded Postgres", needs: [], fresh: embedded, max: 8 },
  { name: "server Postgres", needs: [postgresUrl], fresh: onServer, max: 3 }
]

for (const { fresh, max, name, needs } of suites) {
  describeWith(...needs)(`DatabaseWatch on ${name}`, () => {
    it.live("counts the connections there are, and those at work", () =>
      Effect.gen(function* () {
        const built = yield* Layer.build(yield* fresh)
        const { connections } = Context.get(built, DatabaseWatch)
        const sql = Context.get(built, SqlClient.SqlClient)
        const until = (holds: (count: Connections) => boolean) => Effect.repeat(connections, { until: holds })

        yield* sql`SELECT 1`
        assert.deepStrictEqual(yield* connections, { open: 1, active: 0, max })

        const began = yield* Deferred.make<void>()
        const end = yield* Deferred.make<void>()
        const transaction = sql.withTransaction(
          Effect.andThen(sql`SELECT 1`, Effect.andThen(Deferred.succeed(began, undefined), Deferred.await(end)))
        )
        const fiber = yield* Effect.forkChild(transaction)
        yield* Deferred.await(began)
        const during = yield* connections
        assert.strictEqual(during.active, 1)

        yield* Deferred.succeed(end, undefined)
        yield* Fiber.join(fiber)
        const after = yield* until(({ active }) => active === 0)
        assert.isAtLeast(after.open, during.open)
        assert.isAtMost(after.open, max)
      })
    )

    it.live("counts nobody else's", () =>
      Effect.gen(function* () {
        const [mine, other] = [yield* Layer.build(yield* fresh), yield* Layer.build(yield* fresh)]
        yield* Context.get(mine, SqlClient.SqlClient)`SELECT 1`
        yield* Context.get(other, SqlClient.SqlClient)`SELECT 1`
        assert.strictEqual((yield* Context.get(mine, DatabaseWatch).connections).open, 1)
      })
    )
  })
}
