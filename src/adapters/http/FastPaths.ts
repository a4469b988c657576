import { Context, Effect } from "effect"
import type { HttpServerRequest, HttpServerResponse } from "effect/http"
import { repeatedHeader } from "./RequestChecks.ts"

/**
 * How the plain form of a request that comes more often than all others is answered: by the same use case as its route,
 * and without what the general machinery needs to be general. What is anything but plain fails before it has changed
 * anything and is left to the route, which knows what to say: so nothing is answered here but what the route would answer.
 */
export interface FastPath {
  readonly method: "GET" | "POST"
  /** The template of the route, for metrics. */
  readonly route: string
  /** The targets that it takes: path and query. */
  readonly target: RegExp
  readonly answer: (
    request: HttpServerRequest.HttpServerRequest,
    target: RegExpExecArray
  ) => Effect.Effect<HttpServerResponse.HttpServerResponse, unknown>
}

/** A reference: where nobody provides any, every request takes its route. */
export const FastPaths = Context.Reference<ReadonlyArray<FastPath>>("rookery/adapters/http/FastPaths", {
  defaultValue: () => []
})

/** Whoever sends one of these asks for more than the plain answer. */
const special = ["if-match", "if-none-match", "idempotency-key", "content-encoding", "transfer-encoding"]

/** The fast path of the request and its answer; undefined where there is none. */
export const fastAnswer = (paths: ReadonlyArray<FastPath>, request: HttpServerRequest.HttpServerRequest) => {
  for (const path of paths) {
    if (path.method !== request.method) continue
    const target = path.target.exec(request.url)
    if (target === null) continue
    const { headers } = request
    const isPlain = !special.some((name) => headers[name] !== undefined) && repeatedHeader(request) === undefined
    return isPlain ? { route: path.route, answer: path.answer(request, target) } : undefined
  }
  return undefined
}

/** A plain body is not longer than this, in bytes. */
const longestBody = 65_536

const decoder = new TextDecoder("utf-8", { fatal: true })

/** The JSON of a plain body; fails where it is none, and whoever reads the body after that gets the same bytes. */
export const plainJson = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<unknown, unknown> => {
  const { "content-length": length, "content-type": type } = request.headers
  return type === "application/json" && Number(length) <= longestBody
    ? Effect.flatMap(request.arrayBuffer, (bytes) => Effect.try(() => JSON.parse(decoder.decode(bytes)) as unknown))
    : Effect.fail("no plain JSON")
}
