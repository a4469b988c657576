import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import type { RateLimitExceeded } from "../../domain/shared/RateLimits.ts"
import { dialectOf } from "./Dialects.ts"
import { retryAfter } from "./RateLimitHeaders.ts"
import type { RequestState } from "./RequestInfo.ts"
import { statusMessage } from "./StatusName.ts"

/** 429 in the dialect of the path, with when to come back (RFC 6585, RFC 9110 10.2.3). */
export const tooManyRequests = (
  request: HttpServerRequest.HttpServerRequest,
  state: RequestState,
  exceeded: RateLimitExceeded
) => {
  const { limit, name, retryAfter: wait, window } = exceeded
  state.allowances.set(name, { limit, window, remaining: 0, resetAfter: wait })
  const seconds = retryAfter(wait)
  const message = `${statusMessage(429)}. Try again in ${seconds} ${seconds === "1" ? "second" : "seconds"}.`
  return HttpServerResponse.setHeader(dialectOf(request.url).render({ status: 429, message }), "retry-after", seconds)
}
