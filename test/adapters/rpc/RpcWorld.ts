import { Effect, Layer, Logger, Redacted, type Scope, Stream } from "effect"
import { HttpServer } from "../../../src/adapters/http/HttpServer.ts"
import { RequestPipeline } from "../../../src/adapters/http/RequestPipeline.ts"
import { RouteTable } from "../../../src/adapters/http/RouteTable.ts"
import { talkNotificationPaths, TalkNotifications } from "../../../src/adapters/http/talk/TalkNotifications.ts"
import { talkRpcPaths, TalkRpcRoute } from "../../../src/adapters/http/talk/TalkRpcRoute.ts"
import type { TalkNotification } from "../../../src/adapters/rpc/RpcSchemas.ts"
import { talkCalls, webSockets } from "../../../src/client.ts"
import { MemoryInstance, MemoryPorts } from "../../../src/RookeryMemory.ts"
import { Sockets } from "../../../src/Sockets.ts"
import { testOn } from "../../application/RookeryTest.ts"
import { open, someTalker, until, url } from "../websocket/SocketWorld.ts"

const routes = Layer.mergeAll(TalkRpcRoute, TalkNotifications).pipe(
  Layer.provide(RequestPipeline({ development: true, trustedProxies: 0, corsOrigins: [] }))
)

/** Calls on a port of their own, and the notifications of talk beside them; everything else is in memory. */
const callsOn = <A, E, R>(ports: Layer.Layer<A, E, R>) =>
  HttpServer(routes, { host: "127.0.0.1", port: 0 }).pipe(
    Layer.provide([Sockets, RouteTable.layer([...talkRpcPaths, ...talkNotificationPaths])]),
    Layer.provideMerge(MemoryInstance),
    Layer.provideMerge(ports),
    Layer.orDie
  )

const Calls = callsOn(MemoryPorts)

/** The server alone, for a scope that a test closes itself. */
export const servingCalls = Layer.fresh(Calls)

type World = Layer.Success<typeof Calls>

type Test = <A, E>(name: string, body: Effect.Effect<A, E, World | Scope.Scope>) => void

/** Sockets are real, and the clock stands still. Clients go before the server does, which would wait for them. */
export const test: Test = (name, body) => testOn(Calls)(name, Effect.scoped(body))

/** The same with another port in the place of the one in memory, and without a log. */
export const testWith =
  <A>(port: Layer.Layer<A, never, Layer.Success<typeof MemoryPorts>>): Test =>
  (name, body) =>
    testOn(Layer.provideMerge(callsOn(Layer.provideMerge(port, MemoryPorts)), Logger.layer([])))(
      name,
      Effect.scoped(body)
    )

/** The calls of somebody. */
export const callsOf = Effect.fnUntraced(function* (token: string) {
  return yield* talkCalls({ url: yield* url, token: Redacted.make(token) })
}, Effect.provide(webSockets))

export type Calls = Effect.Success<ReturnType<typeof callsOf>>

/** Somebody with a phone number who is connected. */
export const someCaller = Effect.gen(function* () {
  const talker = yield* someTalker
  return { ...talker, calls: yield* callsOf(talker.token) }
})

/** Somebody who listens, too: what they have been told so far. */
export const someListener = Effect.gen(function* () {
  const caller = yield* someCaller
  return { ...caller, told: yield* listening(caller.calls) }
})

/** What a client is told from now on. */
export const listening = Effect.fnUntraced(function* (calls: Calls, since?: number) {
  const told: Array<TalkNotification> = []
  yield* calls.notifications(since === undefined ? {} : { since }).pipe(
    Stream.runForEach((notification) => Effect.sync(() => void told.push(notification))),
    Effect.forkScoped
  )
  yield* until("connected", () => told.length > 0)
  return told
})

/** A client that speaks for itself, frame by frame. */
export const rawCaller = Effect.fnUntraced(function* (token: string, behind?: Buffer) {
  const client = yield* open("/rpc", { "Sec-WebSocket-Protocol": `bearer, ${token}` }, behind)
  yield* until(`open (${client.answer})`, () => client.status === 101)
  return client
})
