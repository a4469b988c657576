import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { TestClock } from "effect/testing"
import { observeConnections } from "../../../src/adapters/postgres/ConnectionMetrics.ts"
import { type Connections, DatabaseWatch } from "../../../src/adapters/postgres/DatabaseWatch.ts"

const readings = Effect.map(PrometheusMetrics.format(), (text) =>
  text.split("\n").filter((line) => line.startsWith("rookery_database_connections"))
)

describe("observeConnections", () => {
  it.effect("shows active and idle connections, and keeps the last reading while the database is away", () =>
    Effect.gen(function* () {
      let answer: Effect.Effect<Connections> = Effect.succeed({ open: 5, active: 2, max: 10 })
      const watch = DatabaseWatch.of({ lost: Effect.never, connections: Effect.suspend(() => answer) })
      const observe = yield* Effect.provideService(observeConnections, DatabaseWatch, watch)
      const first = [
        'rookery_database_connections{state="active"} 2',
        'rookery_database_connections{state="idle"} 3',
        "rookery_database_connections_max 10"
      ]
      yield* observe
      assert.deepStrictEqual(yield* readings, first)

      answer = Effect.die("away")
      yield* observe
      answer = Effect.never
      const fiber = yield* Effect.forkChild(observe)
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(yield* readings, first)

      answer = Effect.succeed({ open: 1, active: 0, max: 10 })
      yield* observe
      assert.deepStrictEqual((yield* readings).slice(0, 2), [
        'rookery_database_connections{state="active"} 0',
        'rookery_database_connections{state="idle"} 1'
      ])
    })
  )
})
