import { Duration, Effect } from "effect"
import type { RateLimiter } from "effect/persistence"

export interface Use {
  readonly key: string
  readonly tokens: number
  readonly limit: number
  /** In milliseconds. */
  readonly window: number
}

/** How often the limit has been used, this time included, and the milliseconds until it can be used afresh. */
export type Used = readonly [count: number, rest: number]

const unsupported = Effect.die(new Error("Only fixed windows that fail when exceeded are kept here"))

/** A store for Effect's RateLimiter that keeps the one kind of limit that there is here. */
export const limitStore = (
  use: (use: Use) => Effect.Effect<Used, RateLimiter.RateLimiterError>
): RateLimiter.RateLimiterStore["Service"] => ({
  fixedWindow: ({ key, limit, refillRate, tokens }) =>
    limit === undefined
      ? unsupported
      : use({ key, tokens, limit, window: Math.round(Duration.toMillis(refillRate) * limit) }),
  tokenBucket: () => unsupported,
  adaptiveConsume: () => unsupported,
  adaptiveFeedback: () => unsupported
})
