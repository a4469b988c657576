import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { gathered } from "../../../src/adapters/postgres/Gathering.ts"

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

describe("gathered", () => {
  /** Doubles; notes what came together. */
  const doubling = (most: number) => {
    const batches: Array<ReadonlyArray<number>> = []
    const double = gathered<number, number, string>(most, (asked) =>
      Effect.sync(() => {
        batches.push(asked.map(({ request }) => request))
        for (const { answer, request } of asked) answer(Exit.succeed(request * 2))
      })
    )
    return { batches, double }
  }

  it.live("answers together what is asked for in one turn, each its own", () =>
    Effect.gen(function* () {
      const { batches, double } = doubling(64)
      const answers = yield* Effect.forEach(numbers(10), double, { concurrency: "unbounded" })
      assert.deepStrictEqual(
        answers,
        numbers(10).map((number) => number * 2)
      )
      assert.strictEqual(yield* double(7), 14)
      assert.deepStrictEqual(batches, [numbers(10), [7]])
    })
  )

  it.live("answers no more than so many together", () =>
    Effect.gen(function* () {
      const { batches, double } = doubling(4)
      yield* Effect.forEach(numbers(10), double, { concurrency: "unbounded" })
      assert.deepStrictEqual(batches, [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9]
      ])
    })
  )

  it.live("fails whoever was not answered when it fails, and nobody else", () =>
    Effect.gen(function* () {
      const even = gathered<number, number, string>(64, (asked) =>
        Effect.suspend(() => {
          for (const { answer, request } of asked) if (request % 2 === 0) answer(Exit.succeed(request))
          return Effect.fail("odd")
        })
      )
      const exits = yield* Effect.forEach(numbers(3), (number) => Effect.exit(even(number)), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(exits, [Exit.succeed(0), Exit.fail("odd"), Exit.succeed(2)])
    })
  )

  it.live("lets nobody wait for an answer that never comes", () =>
    Effect.gen(function* () {
      const silent = gathered<number, number, string>(64, () => Effect.void)
      const exit = yield* Effect.exit(silent(1))
      assert.isTrue(Exit.hasDies(exit))
    })
  )

  it.live("does not ask for whoever has gone", () =>
    Effect.gen(function* () {
      const { batches, double } = doubling(64)
      const gone = yield* Effect.forkChild(double(1), { startImmediately: true })
      const stays = yield* Effect.forkChild(double(2), { startImmediately: true })
      yield* Fiber.interrupt(gone)
      assert.strictEqual(yield* Fiber.join(stays), 4)
      assert.deepStrictEqual(batches, [[2]])
    })
  )

  it.live("goes on when the first of those who asked has gone", () =>
    Effect.gen(function* () {
      const { batches, double } = doubling(64)
      const gone = yield* Effect.forkChild(double(1), { startImmediately: true })
      yield* Fiber.interrupt(gone)
      assert.strictEqual(yield* double(2), 4)
      assert.deepStrictEqual(batches, [[2]])
    })
  )
})
