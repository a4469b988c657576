import { Effect, Layer } from "effect"
import { RateLimiter } from "effect/persistence"
import { ExpiringMap } from "./ExpiringMap.ts"
import { limitStore, type Use, type Used } from "./LimitStore.ts"
import { nextWait, type WaitingRules, waitingRules } from "./Waiting.ts"

/** Of windows and of waits: some 20 MB each when full. */
const maximumKeys = 100_000

interface Window {
  count: number
  readonly expiresAt: number
}

interface Wait {
  readonly length: number
  readonly until: number
  readonly expiresAt: number
}

/**
 * Counts uses of limits: windows that begin with their first use and end as a whole, and the waits of those who were over a limit. (Effect's
 * own store in memory lets go of the window bit by bit, and of no key ever.)
 */
export const usesInMemory = (rules: WaitingRules = waitingRules, capacity = maximumKeys) => {
  const windows = new ExpiringMap<Window>(capacity)
  const waits = new ExpiringMap<Wait>(capacity)

  const strike = (key: string, windowEnd: number, now: number): number => {
    const length = nextWait(rules, waits.get(key, now)?.length, windowEnd - now)
    const until = now + length
    waits.set(key, { length, until, expiresAt: until + rules.quietSpell }, now)
    return length
  }

  const useAt = (now: number, { key, limit, tokens, window: length }: Use): Used => {
    const wait = waits.get(key, now)
    if (wait !== undefined && wait.until > now) return [limit + tokens, wait.until - now]
    let window = windows.get(key, now)
    if (window === undefined) {
      window = { count: 0, expiresAt: now + length }
      windows.set(key, window, now)
    }
    const count = window.count + tokens
    if (count > limit) return [count, strike(key, window.expiresAt, now)]
    window.count = count
    return [count, window.expiresAt - now]
  }

  return (use: Use): Effect.Effect<Used> =>
    Effect.clockWith((clock) => Effect.succeed(useAt(clock.currentTimeMillisUnsafe(), use)))
}

export const LimitStoreMemory = Layer.sync(RateLimiter.RateLimiterStore, () => limitStore(usesInMemory()))
