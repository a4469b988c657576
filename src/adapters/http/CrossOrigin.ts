import { Effect } from "effect"
import { HttpMiddleware, HttpServerRequest, type HttpServerResponse } from "effect/http"

/** What a page of another origin may read of an answer, beside its body. */
const exposedHeaders = [
  "Link",
  "X-Total-Count",
  "ETag",
  "Location",
  "Idempotent-Replayed",
  "Retry-After",
  "X-Request-Id",
  "RateLimit",
  "RateLimit-Policy"
]

/** In seconds, for which a browser may keep the answer to a preflight. */
const maxAge = 600

type App<E> = Effect.Effect<HttpServerResponse.HttpServerResponse, E, HttpServerRequest.HttpServerRequest>

/**
 * CORS for these origins, `*` for all, and none at all without any. Only a preflight is answered here: an OPTIONS that asks
 * for no method is one like others.
 */
export const crossOrigin = (origins: ReadonlyArray<string>): (<E>(app: App<E>) => App<E>) => {
  if (origins.length === 0) return (app) => app
  const cors = HttpMiddleware.cors({
    allowedOrigins: origins.includes("*") ? () => true : (origin: string) => origins.includes(origin),
    exposedHeaders,
    maxAge
  })
  return (app) =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers, method }) =>
      method === "OPTIONS" && headers["access-control-request-method"] === undefined ? app : cors(app)
    )
}
