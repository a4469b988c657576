import { Duration, Effect, Layer } from "effect"
import { RateLimiter } from "effect/persistence"
import { type Allowance, type RateLimit, RateLimitExceeded, RateLimits } from "../../domain/shared/RateLimits.ts"

export interface RateLimitsOptions {
  /** What one address may ask in a window. 0 turns all limits off. */
  readonly requestsPerMinute: number
  /** A minute, where nothing else is said. */
  readonly window?: Duration.Duration
}

/** Rate limits on Effect's RateLimiter. Its store decides where they are counted, and how long one waits. */
export const RateLimitsEffect = (options: RateLimitsOptions) =>
  Layer.effect(
    RateLimits,
    Effect.gen(function* () {
      const limiter = yield* RateLimiter.make
      const window = options.window ?? Duration.minutes(1)
      const limits: Record<RateLimit, number> = { requests: options.requestsPerMinute, registration: 5, signIn: 10 }
      if (options.requestsPerMinute === 0) return RateLimits.of({ consume: () => Effect.undefined })

      const consume = (name: RateLimit, key: string): Effect.Effect<Allowance | undefined, RateLimitExceeded> => {
        const limit = limits[name]
        return Effect.matchEffect(limiter.consume({ key: `${name}:${key}`, limit, window }), {
          onSuccess: ({ remaining, resetAfter }) => Effect.succeed({ limit, window, remaining, resetAfter }),
          onFailure: ({ reason }) =>
            reason._tag === "RateLimitExceeded"
              ? Effect.fail(new RateLimitExceeded({ name, limit, window, retryAfter: reason.retryAfter }))
              : // What can't be counted holds nobody up.
                Effect.undefined
        })
      }
      return RateLimits.of({ consume })
    })
  )
