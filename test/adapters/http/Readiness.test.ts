import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { Readiness, type ReadinessCheck } from "../../../src/adapters/http/Readiness.ts"

const report = (...checks: ReadonlyArray<ReadinessCheck>) =>
  Effect.flatMap(Readiness, ({ report }) => report).pipe(Effect.provide(Readiness.layer(Effect.succeed(checks))))

const up: ReadinessCheck = { name: "database", answers: Effect.succeed(true) }

describe("Readiness", () => {
  it.effect("is ready when every part answers", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* report(up), { ready: true, checks: { database: "up" } })
      assert.deepStrictEqual(yield* report(), { ready: true, checks: {} })
    })
  )

  it.effect.each([
    ["says no", Effect.succeed(false)],
    ["breaks", Effect.die("broken")]
  ] as const)("is not ready when a part %s", ([, answers]) =>
    Effect.gen(function* () {
      const { checks, ready } = yield* report(up, { name: "nats", answers })
      assert.isFalse(ready)
      assert.deepStrictEqual(checks, { database: "up", nats: "down" })
    })
  )

  it.effect("waits two seconds for a part that hangs, and no longer", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(report({ name: "nats", answers: Effect.never }))
      yield* TestClock.adjust("2 seconds")
      assert.isFalse((yield* Fiber.join(fiber)).ready)
    })
  )

  it.effect("asks once a second, however many ask", () =>
    Effect.gen(function* () {
      let asked = 0
      const answers = Effect.sync(() => ++asked > 0)
      yield* Effect.gen(function* () {
        const readiness = yield* Readiness
        yield* Effect.forEach([1, 2, 3], () => readiness.report, { concurrency: "unbounded" })
        assert.strictEqual(asked, 1)
        yield* TestClock.adjust("1001 millis")
        yield* readiness.report
        assert.strictEqual(asked, 2)
      }).pipe(Effect.provide(Readiness.layer(Effect.succeed([{ name: "database", answers }]))))
    })
  )
})
