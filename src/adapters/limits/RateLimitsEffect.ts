import { Duration, Effect, Layer } from "effect"
import { RateLimiter } from "effect/persistence"
import { type Allowance, type RateLimit, RateLimitExceeded, RateLimits } from "../../domain/shared/RateLimits.ts"

export interface RateLimitsOptions {
  /** What one address may ask in a window. 0 turns all limits off. */
  readonly requestsPerMinute: number
  /** A minute, where nothing else is said; those that are an hour or a day long are longer in proportion. */
  readonly window?: Duration.Duration
}

/** Rate limits on Effect's RateLimiter. Its store decides where they are counted, and how long one waits. */
export const RateLimitsEffect = (options: RateLimitsOptions) =>
  Layer.effect(
    RateLimits,
    Effect.gen(function* () {
      const limiter = yield* RateLimiter.make
      const minute = options.window ?? Duration.minutes(1)
      const limits: Record<RateLimit, { readonly limit: number; readonly window: Duration.Duration }> = {
        requests: { limit: options.requestsPerMinute, window: minute },
        registration: { limit: 5, window: minute },
        signIn: { limit: 10, window: minute },
        mails: { limit: 3, window: Duration.times(minute, 60) },
        passcodes: { limit: 5, window: Duration.times(minute, 60) },
        passcodesByAddress: { limit: 20, window: Duration.times(minute, 10) },
        invitationsByAccount: { limit: 20, window: Duration.times(minute, 24 * 60) }
      }
      if (options.requestsPerMinute === 0) return RateLimits.of({ consume: () => Effect.undefined })

      const consume = (name: RateLimit, key: string): Effect.Effect<Allowance | undefined, RateLimitExceeded> => {
        const { limit, window } = limits[name]
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
