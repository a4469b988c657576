import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Random, Schedule, Schema } from "effect"
import { backoff, delayAfter, jitteredExponential, patience } from "../../../src/domain/events/Backoff.ts"

/** The same draw every time: 0 is the lowest jitter there is. */
const always = (draw: number) =>
  Effect.provideService(Random.Random, {
    nextDoubleUnsafe: () => draw,
    nextIntUnsafe: () => Math.round(draw)
  })

const Base = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 3_600_000 }))
const Attempt = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 }))

describe("backoff", () => {
  it.effect.prop("stays within a fifth of its curve, and below an hour", [Base, Attempt], ([base, attempt]) =>
    Effect.gen(function* () {
      const delay = Duration.toMillis(yield* delayAfter(backoff(Duration.millis(base)), attempt))
      const curve = Math.min(base * 2.2 ** (attempt - 1), 3_600_000)
      assert.isAtLeast(delay, curve * 0.8 - 1)
      assert.isAtMost(delay, Math.min(curve * 1.2 + 1, 3_600_000))
    })
  )

  it.effect("covers more than an hour in 12 attempts from 1 second, even with the lowest jitter", () =>
    Effect.gen(function* () {
      const schedule = backoff(Duration.seconds(1))
      const delays = yield* Effect.forEach([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], (attempt) =>
        delayAfter(schedule, attempt)
      )
      const total = delays.reduce((sum, delay) => sum + Duration.toSeconds(delay), 0)
      assert.approximately(total, 3894, 2)
    }).pipe(always(0))
  )

  it.effect("is an hour, and still a number, after so many attempts that its curve is infinite", () =>
    Effect.gen(function* () {
      const delay = yield* delayAfter(backoff(Duration.seconds(1)), 2000)
      assert.strictEqual(Duration.toMillis(delay), 3_600_000 * 0.8)
    }).pipe(always(0))
  )

  it.effect("spreads what failed together", () =>
    Effect.gen(function* () {
      const schedule = backoff(Duration.seconds(1))
      const delays = yield* Effect.forEach(Array.from({ length: 50 }), () => delayAfter(schedule, 5))
      assert.isAbove(new Set(delays.map(Duration.toMillis)).size, 40)
    })
  )
})

describe("patience", () => {
  it.effect("asks often at first, and then for four to five days", () =>
    Effect.gen(function* () {
      const failures = Array.from({ length: patience.maxAttempts - 1 }, (_, index) => index + 1)
      const delays = yield* Effect.forEach(failures, (attempt) => delayAfter(patience.backoff, attempt))
      const hours = delays.map(Duration.toHours)
      assert.isBelow((hours[0] ?? 0) + (hours[1] ?? 0), 20 / 3600)
      assert.isBelow(Math.max(...hours), 1.001)
      const days = hours.reduce((sum, delay) => sum + delay, 0) / 24
      assert.isAbove(days, 4)
      assert.isBelow(days, 5)
    })
  )
})

describe("delayAfter", () => {
  it.effect("steps a schedule as often as there were failures", () =>
    Effect.gen(function* () {
      const schedule = Schedule.exponential("1 second", 3)
      assert.strictEqual(Duration.toSeconds(yield* delayAfter(schedule, 1)), 1)
      assert.strictEqual(Duration.toSeconds(yield* delayAfter(schedule, 4)), 27)
    })
  )

  it.effect("starts anew for each count", () =>
    Effect.gen(function* () {
      const schedule = jitteredExponential(Duration.seconds(1), 2, Duration.seconds(5))
      yield* delayAfter(schedule, 9)
      assert.isAtMost(Duration.toMillis(yield* delayAfter(schedule, 1)), 1200)
    })
  )

  it.effect("keeps the last delay of a schedule that has ended", () =>
    Effect.gen(function* () {
      const schedule = Schedule.exponential("1 second").pipe(Schedule.upTo({ times: 3 }))
      assert.strictEqual(Duration.toSeconds(yield* delayAfter(schedule, 10)), 4)
    })
  )
})
