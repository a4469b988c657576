import { Context, type Duration, type Effect, Schema } from "effect"

/**
 * The limits there are. `requests` counts every request of an address, `registration` and `signIn` those of the routes
 * that open accounts and sessions, in all dialects together; `mails` counts what is sent to an e-mail address on request.
 * Passcodes are counted by the number they are sent to and by the address that asks for them, invitations by SMS by the
 * account that invites.
 */
export const RateLimit = Schema.Literals([
  "requests",
  "registration",
  "signIn",
  "mails",
  "passcodes",
  "passcodesByAddress",
  "invitationsByAccount"
])
export type RateLimit = typeof RateLimit.Type

/** What is left of a limit after one more use of it. */
export interface Allowance {
  /** Uses in one window. */
  readonly limit: number
  readonly window: Duration.Duration
  readonly remaining: number
  /** Until the whole limit is there again. */
  readonly resetAfter: Duration.Duration
}

/**
 * Over the limit. Whoever is over it again after having waited waits twice as long, up to 15 minutes, until a quiet
 * spell has passed.
 */
export class RateLimitExceeded extends Schema.TaggedError<RateLimitExceeded>()("RateLimitExceeded", {
  name: RateLimit,
  limit: Schema.Int,
  window: Schema.Duration,
  retryAfter: Schema.Duration
}) {}

export class RateLimits extends Context.Service<
  RateLimits,
  {
    /** Counts one use of the limit by `key`. Undefined where that limit is turned off. */
    consume(name: RateLimit, key: string): Effect.Effect<Allowance | undefined, RateLimitExceeded>
  }
>()("rookery/domain/shared/RateLimits") {}
