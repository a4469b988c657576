import { Effect, Option, Redacted } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { Sessions } from "../../application/accounts/Sessions.ts"
import { parseSince } from "../../application/notifications/Since.ts"
import type { Session } from "../../domain/accounts/Session.ts"
import type { Topic } from "../../domain/notifications/Notification.ts"
import { bearerToken } from "./Authorization.ts"
import { dialectOf } from "./Dialects.ts"
import { RequestInfo } from "./RequestInfo.ts"
import { SocketServer } from "./SocketServer.ts"
import { statusMessage } from "./StatusName.ts"
import { takeOver, type Upgrade } from "./Upgrades.ts"

/** Why a handshake is refused. */
export interface Refusal {
  readonly status: number
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

type Query = Readonly<Record<string, string | ReadonlyArray<string>>>

export interface SocketRouteOptions {
  readonly path: HttpRouter.PathInput
  /** Why whoever has a session may not come, if so. */
  readonly refusal: (session: Session) => Effect.Effect<Refusal | undefined>
  /** What the connection is for, by what it was asked for with. */
  readonly use: (session: Session, query: Query) => Effect.Effect<(upgrade: Upgrade) => Effect.Effect<void>, Refusal>
}

export interface LiveRouteOptions extends Omit<SocketRouteOptions, "use"> {
  readonly topic: Topic
  /** What this dialect answers to a query that does not fit. */
  readonly unfit: 400 | 422
}

const invalidToken: Refusal = { status: 401, message: "Invalid or missing access token" }

const noWebSocket: Refusal = {
  status: 426,
  message: "This is for WebSockets",
  headers: { upgrade: "websocket", connection: "Upgrade" }
}

/** A browser can set no header; what it can say beside the URL is which protocols it speaks. */
const offeredToken = (protocols: string | undefined): string | undefined => {
  const [first, second] = (protocols ?? "").split(",").map((name) => name.trim())
  return first === "bearer" ? second : undefined
}

/** Of a parameter that was sent more than once the first counts. */
const parameter = (given: string | ReadonlyArray<string> | undefined): string =>
  (typeof given === "string" ? given : given?.[0]) ?? ""

const shownToken = ({ headers }: HttpServerRequest.HttpServerRequest, query: Query): string => {
  const token = headers.authorization ?? offeredToken(headers["sec-websocket-protocol"]) ?? parameter(query.token)
  return bearerToken(Redacted.make(token))
}

/** RFC 6455, 4.2.1: what a handshake has to have, beside what Node has looked at. */
const unfitHandshake = ({ headers, method }: HttpServerRequest.HttpServerRequest): Refusal | undefined => {
  if (method !== "GET" || headers.upgrade?.toLowerCase() !== "websocket") {
    return noWebSocket
  }
  if (headers["sec-websocket-version"] !== "13") {
    return { status: 426, message: "This is version 13 of WebSocket", headers: { "sec-websocket-version": "13" } }
  }
  return /^[+/0-9A-Za-z]{22}==$/.test(headers["sec-websocket-key"] ?? "")
    ? undefined
    : { status: 400, message: "The Sec-WebSocket-Key header is missing or malformed" }
}

/** A WebSocket for whoever has a session. What is wrong is said before it is one, in the dialect of its path. */
export const socketRoute = ({ path, refusal, use }: SocketRouteOptions) =>
  Effect.gen(function* () {
    const sessions = yield* Sessions
    const sockets = yield* SocketServer

    const look = Effect.fnUntraced(function* (request: HttpServerRequest.HttpServerRequest, query: Query) {
      const session = yield* Effect.mapError(sessions.authenticate(shownToken(request, query)), () => invalidToken)
      const refused = yield* refusal(session)
      if (refused !== undefined) return yield* Effect.fail(refused)
      const accept = yield* use(session, query)
      const problem = unfitHandshake(request)
      if (problem !== undefined) return yield* Effect.fail(problem)
      if (!(yield* sockets.open)) return yield* Effect.fail<Refusal>({ status: 503, message: statusMessage(503) })
      return accept
    })

    const answer = Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const info = yield* RequestInfo
      info.route = path
      const accept = yield* look(request, yield* HttpServerRequest.ParsedSearchParams)
      const upgrade = yield* takeOver(request)
      if (upgrade === undefined) return yield* Effect.fail(noWebSocket)
      yield* accept(upgrade)
      return HttpServerResponse.empty({ status: 101 })
    }).pipe(
      Effect.catch(({ headers = {}, message, status }) =>
        Effect.map(HttpServerRequest.HttpServerRequest, ({ url }) =>
          HttpServerResponse.setHeaders(dialectOf(url).render({ status, message }), headers)
        )
      )
    )

    return HttpRouter.add("GET", path, answer)
  })

/** A WebSocket by which clients are told of a topic. */
export const liveRoute = ({ path, refusal, topic, unfit }: LiveRouteOptions) =>
  Effect.flatMap(SocketServer, (sockets) =>
    socketRoute({
      path,
      refusal,
      use: Effect.fnUntraced(function* (session, query) {
        const given = parameter(query.since)
        const since = given === "" ? Option.none() : parseSince(given)
        if (given !== "" && Option.isNone(since)) {
          const message = "since must be the id of an event or a time such as 2026-11-20T16:42:10.123Z"
          return yield* Effect.fail<Refusal>({ status: unfit, message })
        }
        return (upgrade) => sockets.accept(upgrade, { session, topic, since: Option.getOrUndefined(since) })
      })
    })
  )
