import { Duration } from "effect"
import type { Allowance } from "../../domain/shared/RateLimits.ts"

const seconds = (duration: Duration.Duration): number => Math.max(0, Math.ceil(Duration.toSeconds(duration)))

/** The fields of draft-ietf-httpapi-ratelimit-headers: the policies that counted, and what is left of them. */
export const rateLimitHeaders = (allowances: ReadonlyMap<string, Allowance>): Record<string, string> => {
  if (allowances.size === 0) return {}
  const policies: Array<string> = []
  const left: Array<string> = []
  for (const [name, { limit, remaining, resetAfter, window }] of allowances) {
    policies.push(`"${name}";q=${limit};w=${seconds(window)}`)
    left.push(`"${name}";r=${remaining};t=${seconds(resetAfter)}`)
  }
  return { "ratelimit-policy": policies.join(", "), ratelimit: left.join(", ") }
}

/** `Retry-After` in whole seconds, never too early. */
export const retryAfter = (wait: Duration.Duration): string => String(Math.max(1, seconds(wait)))
