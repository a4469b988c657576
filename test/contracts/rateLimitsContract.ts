import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, type Layer, Result } from "effect"
import { TestClock } from "effect/testing"
import { RateLimit, type RateLimitExceeded, RateLimits } from "../../src/domain/shared/RateLimits.ts"

/** How time passes for the adapter, in milliseconds. */
export interface LimitTimes {
  readonly window: number
  readonly longestWait: number
  readonly quietSpell: number
  /** By how much an answer may be off: what a live clock needs to get from one line to the next. */
  readonly slack: number
  readonly live: boolean
}

/** Those that the software has. */
export const realTimes: LimitTimes = {
  window: 60_000,
  longestWait: 900_000,
  quietSpell: 900_000,
  slack: 0,
  live: false
}

const limit = 3

/**
 * Every RateLimits must pass this, whatever it counts in. The adapter is given the limit of requests in a window; each
 * test builds one that has counted nothing yet.
 */
export const rateLimitsContract = <E>(
  name: string,
  adapter: (requests: number) => Layer.Layer<RateLimits, E>,
  times: LimitTimes = realTimes
) => {
  const { live, longestWait, quietSpell, slack, window } = times
  // Where time really passes, the tests let it pass together.
  const test = (behaviour: string, body: () => Effect.Effect<void, E | RateLimitExceeded>) =>
    live ? it.live(behaviour, body, { concurrent: true }) : it.effect(behaviour, body)
  const pass = (millis: number) => (live ? Effect.sleep(millis) : TestClock.adjust(millis))
  const passed = (wait: Duration.Duration) => pass(Duration.toMillis(wait) + slack / 4)

  const consume = (of: RateLimit, key: string) => RateLimits.use((limits) => limits.consume(of, key))
  const allowed = (of: RateLimit, key: string) =>
    Effect.map(Effect.orDie(consume(of, key)), (_) => _ ?? assert.fail("off"))
  const refused = (of: RateLimit, key: string) => Effect.orDie(Effect.flip(consume(of, key)))

  /** Uses the limit until there is nothing left of it: how often that was, and the answer then. */
  const exhaust = Effect.fnUntraced(function* (of: RateLimit, key: string) {
    for (let used = 0; used < 100; used++) {
      const result = yield* Effect.result(consume(of, key))
      if (Result.isFailure(result)) return { used, exceeded: result.failure }
    }
    return assert.fail("it never ends")
  })

  const about = (wait: Duration.Duration, expected: number) => {
    const millis = Duration.toMillis(wait)
    assert.isAtMost(millis, expected + slack / 4)
    assert.isAtLeast(millis, expected - slack)
  }
  const waits = (exceeded: RateLimitExceeded, expected: number) => about(exceeded.retryAfter, expected)

  describe(`RateLimits: ${name}`, () => {
    test("allows as many uses as the limit has, and says what is left", () =>
      Effect.gen(function* () {
        for (const remaining of [2, 1, 0]) {
          const allowance = yield* allowed("requests", "a")
          assert.strictEqual(allowance.limit, limit)
          assert.strictEqual(Duration.toMillis(allowance.window), window)
          assert.strictEqual(allowance.remaining, remaining)
          about(allowance.resetAfter, window)
        }
        const exceeded = yield* refused("requests", "a")
        assert.strictEqual(exceeded.name, "requests")
        assert.strictEqual(exceeded.limit, limit)
        assert.strictEqual(Duration.toMillis(exceeded.window), window)
        waits(exceeded, window)
      }).pipe(Effect.provide(adapter(limit))))

    test("counts each key and each limit by itself", () =>
      Effect.gen(function* () {
        assert.strictEqual((yield* exhaust("requests", "a")).used, limit)
        assert.strictEqual((yield* exhaust("requests", "b")).used, limit)
        assert.strictEqual((yield* exhaust("registration", "a")).used, 5)
        assert.strictEqual((yield* exhaust("signIn", "a")).used, 10)
        assert.strictEqual((yield* exhaust("mails", "a")).used, 3)
      }).pipe(Effect.provide(adapter(limit))))

    test("begins a window with its first use, and anew when it is over", () =>
      Effect.gen(function* () {
        yield* pass(window / 2)
        yield* allowed("requests", "a")
        yield* pass(window / 2)
        const allowance = yield* allowed("requests", "a")
        assert.strictEqual(allowance.remaining, 1)
        about(allowance.resetAfter, window / 2)
        yield* passed(allowance.resetAfter)
        assert.strictEqual((yield* allowed("requests", "a")).remaining, 2)
      }).pipe(Effect.provide(adapter(limit))))

    test("gives the whole limit back after the wait that it asked for", () =>
      Effect.gen(function* () {
        yield* allowed("requests", "a")
        yield* pass(window / 2)
        const { exceeded } = yield* exhaust("requests", "a")
        waits(exceeded, window / 2)
        yield* passed(exceeded.retryAfter)
        assert.strictEqual((yield* exhaust("requests", "a")).used, limit)
      }).pipe(Effect.provide(adapter(limit))))

    test("counts nothing while one waits: the wait gets shorter, and the next is no longer for it", () =>
      Effect.gen(function* () {
        const first = yield* exhaust("requests", "a")
        yield* pass(window / 2)
        for (let n = 0; n < 20; n++) waits(yield* refused("requests", "a"), window / 2)
        yield* passed(Duration.subtract(first.exceeded.retryAfter, Duration.millis(window / 2)))
        const second = yield* exhaust("requests", "a")
        assert.strictEqual(second.used, limit)
        waits(second.exceeded, 2 * window)
      }).pipe(Effect.provide(adapter(limit))))

    test("lets wait twice as long each time, up to the longest wait, in that limit alone", () =>
      Effect.gen(function* () {
        for (let expected = window; expected < 2 * longestWait; expected *= 2) {
          const { exceeded, used } = yield* exhaust("requests", "a")
          assert.strictEqual(used, limit)
          waits(exceeded, Math.min(expected, longestWait))
          yield* passed(exceeded.retryAfter)
        }
        waits((yield* exhaust("requests", "a")).exceeded, longestWait)
        waits((yield* exhaust("registration", "a")).exceeded, window)
        waits((yield* exhaust("requests", "b")).exceeded, window)
      }).pipe(Effect.provide(adapter(limit))))

    test("never lets wait for less than the window has left", () =>
      Effect.gen(function* () {
        yield* allowed("requests", "a")
        yield* pass(window * 0.8)
        const first = yield* exhaust("requests", "a")
        waits(first.exceeded, window * 0.2)
        yield* passed(first.exceeded.retryAfter)
        waits((yield* exhaust("requests", "a")).exceeded, window)
      }).pipe(Effect.provide(adapter(limit))))

    test("forgives after a quiet spell, and not before", () =>
      Effect.gen(function* () {
        const first = yield* exhaust("requests", "a")
        yield* passed(first.exceeded.retryAfter)
        yield* pass(quietSpell - Math.max(2 * slack, 1))
        const second = yield* exhaust("requests", "a")
        waits(second.exceeded, 2 * window)
        yield* passed(second.exceeded.retryAfter)
        yield* allowed("requests", "a")
        yield* pass(quietSpell)
        waits((yield* exhaust("requests", "a")).exceeded, window)
      }).pipe(Effect.provide(adapter(limit))))

    test("remembers a strike over the windows that follow", () =>
      Effect.gen(function* () {
        yield* passed((yield* exhaust("requests", "a")).exceeded.retryAfter)
        yield* passed((yield* allowed("requests", "a")).resetAfter)
        waits((yield* exhaust("requests", "a")).exceeded, 2 * window)
      }).pipe(Effect.provide(adapter(limit))))

    test("forgives in the middle of a window", () =>
      Effect.gen(function* () {
        yield* passed((yield* exhaust("requests", "a")).exceeded.retryAfter)
        yield* pass(quietSpell - window / 2)
        yield* allowed("requests", "a")
        yield* pass(window / 2)
        waits((yield* exhaust("requests", "a")).exceeded, window / 2)
      }).pipe(Effect.provide(adapter(limit))))

    test("allows no more when all come at once, and takes it for one strike", () =>
      Effect.gen(function* () {
        const burst = Effect.map(
          Effect.forEach(Array.from({ length: 50 }), () => Effect.result(consume("requests", "a")), {
            concurrency: "unbounded"
          }),
          (results) => results.filter(Result.isSuccess).length
        )
        assert.strictEqual(yield* burst, limit)
        yield* passed((yield* refused("requests", "a")).retryAfter)
        assert.strictEqual(yield* burst, limit)
        waits(yield* refused("requests", "a"), 2 * window)
      }).pipe(Effect.provide(adapter(limit))))

    test("counts mails by the hour, and lets nobody in before it is over", () =>
      Effect.gen(function* () {
        const hour = 60 * window
        const allowance = yield* allowed("mails", "a")
        assert.strictEqual(Duration.toMillis(allowance.window), hour)
        about(allowance.resetAfter, hour)
        const { exceeded, used } = yield* exhaust("mails", "a")
        assert.strictEqual(used, 2)
        waits(exceeded, hour)
        if (live) return
        yield* pass(hour - 1)
        waits(yield* refused("mails", "a"), 1)
        yield* pass(1)
        assert.strictEqual((yield* exhaust("mails", "a")).used, 3)
      }).pipe(Effect.provide(adapter(limit))))

    const longer = [
      ["mails", 3, 60],
      ["passcodes", 5, 60],
      ["passcodesByAddress", 20, 10],
      ["invitationsByAccount", 20, 24 * 60]
    ] as const
    for (const [of, most, windows] of longer) {
      test(`counts ${most} ${of} in ${windows} minutes`, () =>
        Effect.gen(function* () {
          const allowance = yield* allowed(of, "a")
          assert.strictEqual(allowance.limit, most)
          assert.strictEqual(Duration.toMillis(allowance.window), windows * window)
          about(allowance.resetAfter, windows * window)
          const { exceeded, used } = yield* exhaust(of, "a")
          assert.strictEqual(used, most - 1)
          waits(exceeded, windows * window)
          yield* allowed(of, "b")
        }).pipe(Effect.provide(adapter(limit))))
    }

    test("counts nothing at all where limits are turned off", () =>
      Effect.gen(function* () {
        for (const of of RateLimit.literals) {
          for (let n = 0; n < 20; n++) assert.isUndefined(yield* consume(of, "a"))
        }
      }).pipe(Effect.provide(adapter(0))))
  })
}
