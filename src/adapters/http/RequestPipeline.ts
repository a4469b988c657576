import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Cause, Context, Effect, type Fiber, References, Tracer, type Types } from "effect"
import { HttpRouter, HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"
import { randomUUID } from "node:crypto"
import { RateLimits } from "../../domain/shared/RateLimits.ts"
import { boundBody } from "./BodyDeadline.ts"
import { clientAddress, limitKey, untrustedProxyWarning } from "./ClientAddress.ts"
import { crossOrigin } from "./CrossOrigin.ts"
import { dialectOf } from "./Dialects.ts"
import { fastAnswer, FastPaths } from "./FastPaths.ts"
import { monotonicSeconds, requestRecorder } from "./HttpMetrics.ts"
import { rateLimitHeaders } from "./RateLimitHeaders.ts"
import { RequestInfo, type RequestState } from "./RequestInfo.ts"
import { RouteTable } from "./RouteTable.ts"
import { statusMessage } from "./StatusName.ts"
import { tooManyRequests } from "./TooManyRequests.ts"

export interface PipelineOptions {
  /** Whether an unexpected error may show its detail. */
  readonly development: boolean
  readonly trustedProxies: number
  readonly corsOrigins: ReadonlyArray<string>
}

/** Probes and scrapers come often and from one address; they are counted by nobody. */
const uncounted = new Set(["/health", "/ready", "/metrics"])

const wellFormedId = /^[A-Za-z0-9._-]{1,64}$/

/** RFC 9112, 3.2: a request of HTTP/1.1 names its host, or is refused. */
const namesHost = (request: HttpServerRequest.HttpServerRequest): boolean =>
  request.headers.host !== undefined || NodeHttpServerRequest.toIncomingMessage(request).httpVersion !== "1.1"

/**
 * The router takes a path to end at `;` or `#`, and would let `/contacts/1;2/notes` act on the contact. In the target of
 * a request they are letters like others.
 */
const withWholePath = (request: HttpServerRequest.HttpServerRequest): HttpServerRequest.HttpServerRequest => {
  const [path = ""] = request.url.split("?", 1)
  if (!/[;#]/.test(path)) return request
  const whole = path.replaceAll(";", "%3B").replaceAll("#", "%23")
  return request.modify({ url: whole + request.url.slice(path.length) })
}

/** As the router does, of a route that it has not found. */
const nameRoute = (fiber: Fiber.Fiber<unknown, unknown>, route: string) => {
  if (!fiber.getRef(References.TracerEnabled)) return
  const span = Context.getOrUndefined(fiber.context, Tracer.ParentSpan)
  if (span?._tag === "Span") span.attribute("http.route", route)
}

const pathOf = (url: string): string => {
  const end = url.search(/[?#]/)
  const path = end === -1 ? url : url.slice(0, end)
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path
}

/**
 * What every request passes through, outermost first: the request id, metrics, the rate limit of its address, CORS, and the
 * rendering of whatever went wrong in the dialect of its path.
 */
export const RequestPipeline = (options: PipelineOptions) =>
  HttpRouter.middleware(
    Effect.gen(function* () {
      const limits = yield* RateLimits
      const routes = yield* RouteTable
      const fastPaths = yield* FastPaths
      const record = requestRecorder()
      const warnOfProxy = options.trustedProxies === 0 ? untrustedProxyWarning() : () => Effect.void
      const cors = crossOrigin(options.corsOrigins)

      /** Bodies for answers that have none, in the dialect of the path. */
      const dress = (
        request: HttpServerRequest.HttpServerRequest,
        response: HttpServerResponse.HttpServerResponse,
        detail?: string
      ) => {
        const dialect = dialectOf(request.url)
        if (response.status === 404) {
          const allowed = routes.allowed(request.url)
          if (allowed.length > 0) {
            const headers = { allow: allowed.join(", ") }
            return request.method === "OPTIONS"
              ? HttpServerResponse.empty({ status: 204, headers })
              : HttpServerResponse.setHeaders(dialect.render({ status: 405, message: statusMessage(405) }), headers)
          }
        }
        const rendered = dialect.render({
          status: response.status,
          message: statusMessage(response.status),
          ...(detail === undefined ? {} : { detail })
        })
        return HttpServerResponse.setHeaders(
          rendered,
          response.headers.connection === "close" ? { connection: "close" } : {}
        )
      }

      const fail = (request: HttpServerRequest.HttpServerRequest, state: RequestState, cause: Cause.Cause<unknown>) =>
        Effect.flatMap(HttpServerError.causeResponse(cause), ([response]) => {
          if (Cause.hasInterruptsOnly(cause)) return Effect.succeed(response)
          if (response.status < 500) {
            return Effect.succeed(response.body._tag === "Empty" ? dress(request, response) : response)
          }
          const detail = options.development ? Cause.pretty(cause) : undefined
          return Effect.logError("Request failed", cause).pipe(
            Effect.annotateLogs({ method: request.method, route: state.route ?? "unmatched" }),
            Effect.as(dress(request, HttpServerResponse.empty({ status: 500 }), detail))
          )
        })

      const counted = (request: HttpServerRequest.HttpServerRequest, state: RequestState) =>
        uncounted.has(pathOf(request.url))
          ? Effect.succeed(undefined)
          : limits.consume("requests", state.limitKey).pipe(
              Effect.map((allowance) => {
                if (allowance !== undefined) state.allowances.set("requests", allowance)
                return undefined
              }),
              Effect.catchTag("RateLimitExceeded", (exceeded) =>
                Effect.succeed(tooManyRequests(request, state, exceeded))
              )
            )

      /** The framework answers a wrong content type by itself, as text. */
      const dressed = (request: HttpServerRequest.HttpServerRequest, response: HttpServerResponse.HttpServerResponse) =>
        response.status === 415 && response.body._tag === "Uint8Array" && response.body.contentType.startsWith("text/")
          ? dress(request, response)
          : response

      const answer = (
        app: Effect.Effect<HttpServerResponse.HttpServerResponse, Types.unhandled>,
        request: HttpServerRequest.HttpServerRequest,
        state: RequestState,
        fiber: Fiber.Fiber<unknown, unknown>
      ) => {
        if (!namesHost(request)) {
          return Effect.succeed(dialectOf(request.url).render({ status: 400, message: "The host header is missing" }))
        }
        const logged = Effect.annotateLogs("requestId", state.id)
        const routed = Effect.provideService(app, RequestInfo, state).pipe(logged)
        const fast = fastAnswer(fastPaths, request)
        if (fast !== undefined) {
          state.route = fast.route
          nameRoute(fiber, fast.route)
        }
        return Effect.matchCauseEffect(
          fast === undefined ? routed : Effect.catch(Effect.interruptible(fast.answer), () => routed),
          {
            onSuccess: (response) => Effect.succeed(dressed(request, response)),
            onFailure: (cause) => logged(fail(request, state, cause))
          }
        )
      }

      const handle = (app: Effect.Effect<HttpServerResponse.HttpServerResponse, Types.unhandled>) =>
        Effect.withFiber((fiber) => {
          const incoming = Context.getUnsafe(fiber.context, HttpServerRequest.HttpServerRequest)
          const request = withWholePath(incoming)
          const served =
            request === incoming ? app : Effect.provideService(app, HttpServerRequest.HttpServerRequest, request)
          const started = monotonicSeconds(fiber)
          boundBody(request)
          const given = request.headers["x-request-id"]
          const state: RequestState = {
            id: given !== undefined && wellFormedId.test(given) ? given : randomUUID(),
            limitKey: limitKey(clientAddress(request, options.trustedProxies)),
            route: undefined,
            allowances: new Map()
          }
          const counting = counted(request, state)
          const answered = Effect.flatMap(
            request.headers["x-forwarded-for"] === undefined
              ? counting
              : Effect.andThen(warnOfProxy(request), counting),
            (refused) => cors(refused === undefined ? answer(served, request, state, fiber) : Effect.succeed(refused))
          )
          return Effect.map(answered, (response) => {
            record(fiber, request.method, state.route, response.status, monotonicSeconds(fiber) - started)
            const headers = {
              "x-request-id": state.id,
              "x-content-type-options": "nosniff",
              ...rateLimitHeaders(state.allowances)
            }
            // Every 401 says what it wants (RFC 9110, 11.6.1; RFC 6750, 3).
            return HttpServerResponse.setHeaders(
              response,
              response.status === 401 ? { "www-authenticate": "Bearer", ...headers } : headers
            )
          })
        })

      // Nothing is left to handle, but the router's types ask every middleware to say that something might be.
      return (
        app: Effect.Effect<HttpServerResponse.HttpServerResponse, Types.unhandled>
      ): Effect.Effect<HttpServerResponse.HttpServerResponse, Types.unhandled, HttpServerRequest.HttpServerRequest> =>
        handle(app)
    }),
    { global: true }
  )
