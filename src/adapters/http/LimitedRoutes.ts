import { Effect } from "effect"
import { HttpServerRequest } from "effect/http"
import type { HttpApiMiddleware } from "effect/http-api"
import { type RateLimit, type RateLimitExceeded, RateLimits } from "../../domain/shared/RateLimits.ts"
import { RequestInfo } from "./RequestInfo.ts"
import { tooManyRequests } from "./TooManyRequests.ts"

/** What whoever is over a limit is told, in the dialect of the path. */
export const refuse = (exceeded: RateLimitExceeded) =>
  Effect.gen(function* () {
    return tooManyRequests(yield* HttpServerRequest.HttpServerRequest, yield* RequestInfo, exceeded)
  })

/** A middleware of routes that a limit counts by the address of the client, beside the one of all routes. */
export const limited = (name: RateLimit) =>
  Effect.map(RateLimits, (limits): HttpApiMiddleware.HttpApiMiddleware<never, never, never> =>
    Effect.fnUntraced(function* (app) {
      const info = yield* RequestInfo
      const allowance = yield* Effect.result(limits.consume(name, info.limitKey))
      if (allowance._tag === "Failure") return yield* refuse(allowance.failure)
      if (allowance.success !== undefined) info.allowances.set(name, allowance.success)
      return yield* app
    })
  )
