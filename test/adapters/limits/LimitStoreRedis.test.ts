import { randomUUID } from "node:crypto"
import { assert, it } from "@effect/vitest"
import { Duration, Effect, Layer, Redacted } from "effect"
import { Redis } from "effect/persistence"
import { LimitStoreRedis } from "../../../src/adapters/limits/LimitStoreRedis.ts"
import { RateLimitsEffect } from "../../../src/adapters/limits/RateLimitsEffect.ts"
import { RedisConnection } from "../../../src/adapters/redis/RedisConnection.ts"
import { RateLimits } from "../../../src/domain/shared/RateLimits.ts"
import { type LimitTimes, rateLimitsContract } from "../../contracts/rateLimitsContract.ts"
import { describeWith, redisUrl } from "../../support/Services.ts"

const times: LimitTimes = { window: 500, longestWait: 1250, quietSpell: 1500, slack: 200, live: true }

const connection = RedisConnection({ url: Redacted.make(redisUrl ?? "") })

const keysOf = Effect.fnUntraced(function* (prefix: string) {
  const redis = yield* Redis.Redis
  return yield* redis.send<ReadonlyArray<string>>("KEYS", `${prefix}*`)
})

/** Counts under a prefix of its own, of which nothing stays behind. */
const inRedis = (requestsPerMinute: number, prefix = `rookery:test:${randomUUID()}:`) =>
  RateLimitsEffect({ requestsPerMinute, window: Duration.millis(times.window) }).pipe(
    Layer.provide(LimitStoreRedis({ prefix, rules: { longest: times.longestWait, quietSpell: times.quietSpell } })),
    Layer.provide(
      Layer.effectDiscard(
        Effect.addFinalizer(() =>
          Effect.gen(function* () {
            const redis = yield* Redis.Redis
            const keys = yield* keysOf(prefix)
            if (keys.length > 0) yield* redis.send("DEL", ...keys)
          }).pipe(Effect.orDie)
        )
      )
    ),
    Layer.provideMerge(connection)
  )

describeWith(redisUrl)("LimitStoreRedis", () => {
  rateLimitsContract("redis", inRedis, times)

  it.live("counts for all instances together", () =>
    Effect.gen(function* () {
      const prefix = `rookery:test:${randomUUID()}:`
      const one = yield* Layer.build(inRedis(3, prefix))
      const other = yield* Layer.build(Layer.fresh(inRedis(3, prefix)))
      const consume = RateLimits.use((limits) => limits.consume("requests", "a"))
      yield* Effect.provide(consume, one)
      yield* Effect.provide(consume, other)
      yield* Effect.provide(consume, one)
      const exceeded = yield* Effect.flip(Effect.provide(consume, other))
      assert.strictEqual(exceeded._tag, "RateLimitExceeded")
      const waiting = yield* Effect.flip(Effect.provide(consume, one))
      assert.isAtMost(Duration.toMillis(waiting.retryAfter), Duration.toMillis(exceeded.retryAfter))
    }).pipe(Effect.scoped)
  )

  it.live("leaves no key behind for good, and none outside its prefix", () =>
    Effect.gen(function* () {
      const prefix = `rookery:test:${randomUUID()}:`
      yield* Effect.gen(function* () {
        const redis = yield* Redis.Redis
        const limits = yield* RateLimits
        const lifetime = Effect.gen(function* () {
          const [key, ...others] = yield* keysOf(prefix)
          assert.strictEqual(key, `${prefix}requests:a`)
          assert.deepStrictEqual(others, [])
          return yield* redis.send<number>("PTTL", `${prefix}requests:a`)
        })
        yield* limits.consume("requests", "a")
        const used = yield* lifetime
        assert.isAtLeast(used, 1)
        assert.isAtMost(used, times.window)
        yield* Effect.flip(limits.consume("requests", "a"))
        const struck = yield* lifetime
        assert.isAbove(struck, times.quietSpell)
        assert.isAtMost(struck, times.window + times.quietSpell)
      }).pipe(Effect.provide(inRedis(1, prefix)))
    })
  )
})
