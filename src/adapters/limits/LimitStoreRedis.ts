import { Effect, Layer } from "effect"
import { RateLimiter, Redis } from "effect/persistence"
import { limitStore, type Use, type Used } from "./LimitStore.ts"
import { usesInMemory } from "./LimitStoreMemory.ts"
import { type WaitingRules, waitingRules } from "./Waiting.ts"

/**
 * The same rules as in memory, in one round trip by Redis' own clock, so that instances agree. One hash for each key:
 * `count` in the window that ends at `end`, and the last `wait`, over at `until`, all in milliseconds.
 */
const useScript = Redis.script(
  (key: string, { limit, tokens, window }: Use, { longest, quietSpell }: WaitingRules) => [
    key,
    tokens,
    limit,
    window,
    longest,
    quietSpell
  ],
  {
    numberOfKeys: 1,
    lua: `
local key = KEYS[1]
local tokens, limit, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local longest, quiet = tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local kept = redis.call("HMGET", key, "count", "end", "wait", "until")
local count, windowend = tonumber(kept[1] or 0), tonumber(kept[2] or 0)
local wait, waitend = tonumber(kept[3] or 0), tonumber(kept[4] or 0)

if waitend > now then
  return { limit + tokens, waitend - now }
end
if waitend + quiet <= now then
  wait = 0
end
if windowend <= now then
  count, windowend = 0, now + window
end
count = count + tokens
if count <= limit then
  redis.call("HSET", key, "count", count, "end", windowend)
  redis.call("PEXPIRE", key, math.max(windowend, wait > 0 and waitend + quiet or 0) - now)
  return { count, windowend - now }
end

wait = math.max(windowend - now, math.min(2 * wait, longest))
redis.call("HSET", key, "wait", wait, "until", now + wait)
redis.call("PEXPIRE", key, wait + quiet)
return { count, wait }
`
  }
).withReturnType<Used>()

export interface LimitStoreRedisOptions {
  /** Of the keys. */
  readonly prefix?: string
  readonly rules?: WaitingRules
}

/** Counts for all instances together. While Redis is away each instance counts for itself, in memory. */
export const LimitStoreRedis = ({ prefix = "rookery:limit:", rules = waitingRules }: LimitStoreRedisOptions = {}) =>
  Layer.effect(
    RateLimiter.RateLimiterStore,
    Effect.gen(function* () {
      const redis = yield* Redis.Redis
      const shared = redis.eval(useScript)
      const own = usesInMemory(rules)
      return limitStore((use) => Effect.catch(shared(prefix + use.key, use, rules), () => own(use)))
    })
  )
