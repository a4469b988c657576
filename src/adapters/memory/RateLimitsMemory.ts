import { Clock, Duration, Effect, Layer } from "effect"
import { type RateLimit, RateLimitExceeded, RateLimits } from "../../domain/shared/RateLimits.ts"

const minute = Duration.toMillis("1 minute")
const longestWait = Duration.toMillis("15 minutes")
/** Without a strike for this long after the last wait, the next one is a first one again. */
const quietSpell = Duration.toMillis("15 minutes")

interface Counter {
  windowEnds: number
  used: number
  /** Of the last strike; 0 where there was none. */
  wait: number
  waitEnds: number
}

export interface RateLimitsOptions {
  /** Of one key in a minute; 0 turns all limits off. */
  readonly requestsPerMinute: number
}

/** Forgets nothing, so that it is for tests alone. */
export const RateLimitsMemory = ({ requestsPerMinute }: RateLimitsOptions) =>
  Layer.sync(RateLimits, () => {
    const limits: Record<RateLimit, { readonly limit: number; readonly window: number }> = {
      requests: { limit: requestsPerMinute, window: minute },
      registration: { limit: 5, window: minute },
      signIn: { limit: 10, window: minute },
      mails: { limit: 3, window: 60 * minute },
      passcodes: { limit: 5, window: 60 * minute },
      passcodesByAddress: { limit: 20, window: 10 * minute },
      invitationsByAccount: { limit: 20, window: 24 * 60 * minute }
    }
    const counters = new Map<string, Counter>()

    const counterOf = (name: RateLimit, key: string, now: number): Counter => {
      const id = `${name} ${key}`
      const { window } = limits[name]
      const counter = counters.get(id) ?? { windowEnds: now + window, used: 0, wait: 0, waitEnds: 0 }
      counters.set(id, counter)
      if (now >= counter.windowEnds) {
        counter.windowEnds = now + window
        counter.used = 0
      }
      if (now >= counter.waitEnds + quietSpell) counter.wait = 0
      return counter
    }

    const consume = (name: RateLimit, key: string, now: number) => {
      const { limit, window } = limits[name]
      const counter = counterOf(name, key, now)
      const exceeded = () => {
        const retryAfter = Duration.millis(counter.waitEnds - now)
        return Effect.fail(new RateLimitExceeded({ name, limit, window: Duration.millis(window), retryAfter }))
      }
      if (now < counter.waitEnds) return exceeded()
      if (counter.used >= limit) {
        const rest = counter.windowEnds - now
        counter.wait = Math.max(rest, Math.min(2 * counter.wait, longestWait))
        counter.waitEnds = now + counter.wait
        return exceeded()
      }
      counter.used += 1
      return Effect.succeed({
        limit,
        window: Duration.millis(window),
        remaining: limit - counter.used,
        resetAfter: Duration.millis(counter.windowEnds - now)
      })
    }

    return RateLimits.of({
      consume: (name, key) =>
        requestsPerMinute === 0
          ? Effect.undefined
          : Effect.flatMap(Clock.currentTimeMillis, (now) => consume(name, key, now))
    })
  })
