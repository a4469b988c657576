import { type Context, Effect, Layer, Redacted, type Scope } from "effect"
import { HttpServer as Server } from "effect/http"
import { HttpServer } from "../../../src/adapters/http/HttpServer.ts"
import { RequestPipeline } from "../../../src/adapters/http/RequestPipeline.ts"
import { RouteTable } from "../../../src/adapters/http/RouteTable.ts"
import { talkNotificationPaths, TalkNotifications } from "../../../src/adapters/http/talk/TalkNotifications.ts"
import { v1NotificationPaths, V1Notifications } from "../../../src/adapters/http/v1/V1Notifications.ts"
import { Sessions } from "../../../src/application/accounts/Sessions.ts"
import { makeTelling } from "../../../src/application/notifications/Telling.ts"
import type { AccountId } from "../../../src/domain/accounts/Account.ts"
import type { Notification } from "../../../src/domain/notifications/Notification.ts"
import { RateLimits } from "../../../src/domain/shared/RateLimits.ts"
import { Transaction } from "../../../src/domain/shared/Transaction.ts"
import { MemoryInstance, MemoryPorts } from "../../../src/RookeryMemory.ts"
import { Sockets } from "../../../src/Sockets.ts"
import { someAccount, somePerson } from "../../contracts/Fixtures.ts"
import { RawWebSocket } from "../../support/RawWebSocket.ts"
import { testOn } from "../../application/RookeryTest.ts"

/** The sockets of both dialects, on a port of their own and everything else in memory. */
const Live = HttpServer(
  Layer.mergeAll(TalkNotifications, V1Notifications).pipe(
    Layer.provide(RequestPipeline({ development: true, trustedProxies: 0, corsOrigins: [] }))
  ),
  { host: "127.0.0.1", port: 0 }
).pipe(
  Layer.provide([
    Sockets,
    RouteTable.layer([...talkNotificationPaths, ...v1NotificationPaths]),
    Layer.succeed(RateLimits, { consume: () => Effect.succeed(undefined) })
  ]),
  Layer.provideMerge(MemoryInstance),
  Layer.provideMerge(MemoryPorts)
)

/** Sockets are real, and the clock stands still. Clients go before the server does, which would wait for them. */
export const test = <A, E>(name: string, body: Effect.Effect<A, E, Layer.Success<typeof Live> | Scope.Scope>) =>
  testOn(Layer.orDie(Live))(name, Effect.scoped(body))

/** The same server, in a scope that a test closes itself. */
export const serving: Effect.Effect<
  { readonly url: string; readonly services: Context.Context<Layer.Success<typeof Live>> },
  never,
  Scope.Scope
> = Effect.gen(function* () {
  const services = yield* Layer.build(Layer.fresh(Live))
  return { services, url: yield* Effect.provide(url, services) }
}).pipe(Effect.orDie)

export const url = Effect.map(Server.HttpServer, ({ address }) =>
  "port" in address ? `http://127.0.0.1:${address.port}` : "nowhere"
)

/** Waits, for real, until what goes over the wire has brought it about. */
export const until = (what: string, condition: () => boolean) =>
  Effect.promise(async () => {
    const deadline = performance.now() + 10_000
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`never: ${what}`)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  })

export const signIn = Effect.fnUntraced(function* (accountId: AccountId) {
  const sessions = yield* Sessions
  const opened = yield* sessions.open({ accountId, dialect: "v1", refreshable: true, userAgent: undefined })
  return {
    session: opened.session,
    token: Redacted.value(opened.accessToken),
    refreshToken: Redacted.value(opened.refreshToken ?? opened.accessToken)
  }
})

/** Somebody with a phone number, signed in. */
export const someTalker = Effect.gen(function* () {
  const person = yield* somePerson
  return { ...person, ...(yield* signIn(person.id)) }
})

/** Somebody with a username alone, signed in. */
export const someReader = Effect.gen(function* () {
  const { id } = yield* someAccount
  return { id, ...(yield* signIn(id)) }
})

/** A handshake; the connection goes with the scope. */
export const open = Effect.fnUntraced(function* (
  path: string,
  headers: Readonly<Record<string, string>> = {},
  behind?: Buffer
) {
  const server = yield* url
  const client = yield* Effect.acquireRelease(
    Effect.sync(() => new RawWebSocket(server, path, headers, behind)),
    ({ socket }) => Effect.sync(() => void socket.destroy())
  )
  yield* until("the handshake is answered", () => client.answer !== "" || client.closed)
  return client
})

/** A client that is connected, and knows it. */
export const connected = Effect.fnUntraced(function* (path: string, headers?: Readonly<Record<string, string>>) {
  const client = yield* open(path, headers)
  yield* until(`connected (${client.answer})`, () => client.messages.length > 0)
  return client
})

export const tell = Effect.fnUntraced(function* (to: AccountId, ...notifications: ReadonlyArray<Notification>) {
  const telling = yield* makeTelling
  const { atomic } = yield* Transaction
  yield* atomic(telling(notifications.map((notification) => ({ to, notification }))))
})
