import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Effect } from "effect"
import { HttpIncomingMessage, HttpMethod, HttpServerRequest, type HttpServerResponse } from "effect/http"
import type { HttpApiEndpoint } from "effect/http-api"
import { isUtf8 } from "node:buffer"
import { dialectOf } from "./Dialects.ts"
import { RequestInfo } from "./RequestInfo.ts"
import { statusMessage } from "./StatusName.ts"

/**
 * Of most of these Node keeps the first and drops the others in silence, and of the last it makes one; who sent two meant
 * something else by one of them.
 */
const single = new Set(["authorization", "content-type", "content-length", "host", "idempotency-key"])

/** The header that was sent more than once, of those that mean one thing. */
export const repeatedHeader = (request: HttpServerRequest.HttpServerRequest): string | undefined => {
  const raw = NodeHttpServerRequest.toIncomingMessage(request).rawHeaders
  const seen = new Set<string>()
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]?.toLowerCase() ?? ""
    if (!single.has(name)) continue
    if (seen.has(name)) return name
    seen.add(name)
  }
  return undefined
}

const textual = /^(?:application\/(?:.*\+)?json|application\/x-www-form-urlencoded|text\/)/i

/** JSON is UTF-8 (RFC 8259, 8.1), and so are the forms that browsers send. */
const utf8 = /^(?:utf-?8|us-ascii)$/i
const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i

/** What nobody here can read, or is willing to; undefined where there is nothing wrong with it. */
const unreadable = Effect.fnUntraced(function* ({ headers }: HttpServerRequest.HttpServerRequest) {
  if (!/^(?:identity)?$/i.test(headers["content-encoding"] ?? "")) {
    return { status: 415, message: "Compressed request bodies are not supported" }
  }
  const [, encoding = "utf-8"] = charset.exec(headers["content-type"] ?? "") ?? []
  if (!utf8.test(encoding)) return { status: 415, message: "The request body must be UTF-8" }
  const most = yield* HttpIncomingMessage.MaxBodySize
  const tooLarge = most !== undefined && Number(headers["content-length"] ?? 0) > Number(most)
  return tooLarge ? { status: 413, message: statusMessage(413) } : undefined
})

type App<E, R> = Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>

/** Notes the route's template for metrics and logs, and refuses headers that were sent twice. */
export const checkHead = <E, R>(app: App<E, R>, endpoint: HttpApiEndpoint.Top) =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const info = yield* RequestInfo
    info.route = endpoint.path
    const repeated = repeatedHeader(request)
    if (repeated === undefined) return yield* app
    return dialectOf(request.url).render({ status: 400, message: `The ${repeated} header was sent more than once` })
  })

/**
 * Refuses what is too large or coded before it is read, and text that is not UTF-8, which a decoder would mend in
 * silence.
 */
export const checkBody = <E, R>(app: App<E, R>) =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    if (!HttpMethod.hasBody(request.method)) return yield* app
    const refusal = yield* unreadable(request)
    if (refusal !== undefined) return dialectOf(request.url).render(refusal)
    if (textual.test(request.headers["content-type"] ?? "application/json")) {
      const body = yield* Effect.orDie(request.arrayBuffer)
      if (!isUtf8(new Uint8Array(body))) {
        return dialectOf(request.url).render({ status: 400, message: "The request body is not valid UTF-8" })
      }
    }
    return yield* app
  })

/** Refuses a body of another type than the route takes, and says which it does. */
export const checkType = <E, R>(app: App<E, R>, endpoint: HttpApiEndpoint.Top) =>
  Effect.gen(function* () {
    const { headers, url } = yield* HttpServerRequest.HttpServerRequest
    const [given = ""] = (headers["content-type"] ?? "application/json").split(";", 1)
    const taken = [...endpoint.payload.keys()]
    if (taken.length === 0 || taken.includes(given.trim().toLowerCase())) return yield* app
    return dialectOf(url).render({ status: 415, message: `The request body must be ${taken.join(" or ")}` })
  })
