import { assert, describe } from "@effect/vitest"
import { DateTime, Effect, Layer, Redacted, Stream } from "effect"
import { Socket } from "effect/socket"
import { TestClock } from "effect/testing"
import { ServerFault } from "../../../src/adapters/rpc/Caller.ts"
import type { TalkNotification } from "../../../src/adapters/rpc/RpcSchemas.ts"
import { Sessions } from "../../../src/application/accounts/Sessions.ts"
import { following, isSessionOver, talkCalls } from "../../../src/client.ts"
import { NotificationId } from "../../../src/domain/notifications/Notification.ts"
import { NotificationLog } from "../../../src/domain/notifications/NotificationLog.ts"
import { FriendshipRepository } from "../../../src/domain/talk/FriendshipRepository.ts"
import { someTalker, tell, until, url } from "../websocket/SocketWorld.ts"
import { test, testWith } from "./RpcWorld.ts"

/** Opens WebSockets as all do, and remembers them. */
const watched = () => {
  const opened: Array<WebSocket> = []
  const layer = Layer.succeed(Socket.WebSocketConstructor, (url, protocols) => {
    const webSocket = new WebSocket(url, typeof protocols === "object" && !Array.isArray(protocols) ? [] : protocols)
    opened.push(webSocket)
    return webSocket
  })
  return { opened, layer }
}

/** Lets the client try again, as often as it takes. */
const patiently = (what: string, condition: () => boolean) =>
  Effect.gen(function* () {
    for (let round = 0; round < 500 && !condition(); round++) {
      yield* TestClock.adjust("1 second")
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 5)))
    }
    yield* until(what, condition)
  })

describe("a client of calls", () => {
  test(
    "opens a lost connection anew with the token as it is then, and misses nothing",
    Effect.gen(function* () {
      const { id, token } = yield* someTalker
      const { layer, opened } = watched()
      const shown: Array<string> = []
      const tokens = Effect.sync(() => {
        shown.push(token)
        return Redacted.make(token)
      })
      const calls = yield* Effect.provide(talkCalls({ url: `${yield* url}/`, token: tokens }), layer)
      const told: Array<TalkNotification> = []
      yield* following(calls).pipe(
        Stream.runForEach((one) => Effect.sync(() => void told.push(one))),
        Effect.forkScoped
      )
      yield* until("connected", () => told.length === 1)
      yield* tell(id, { _tag: "ContactsUpdated" })
      yield* until("told", () => told.length === 2)
      opened[0]?.close()
      yield* until("it is closed", () => opened[0]?.readyState === WebSocket.CLOSED)
      yield* tell(id, { _tag: "ContactsUpdated" }, { _tag: "ContactsUpdated" })
      yield* patiently("told what was missed", () => told.length >= 5)
      const ids = told.map((one) => (one._tag === "Connected" ? `connected ${one.resumed}` : one.id))
      assert.deepStrictEqual(ids, ["connected null", 1, "connected true", 2, 3])
      assert.deepStrictEqual(yield* calls.listFriends(), [])
      assert.deepStrictEqual(shown, [token, token])
    })
  )

  test(
    "begins where it was told to, and where the log is when too much was missed",
    Effect.gen(function* () {
      const { id, token } = yield* someTalker
      const { layer, opened } = watched()
      const calls = yield* Effect.provide(talkCalls({ url: yield* url, token: Redacted.make(token) }), layer)
      yield* tell(id, { _tag: "ContactsUpdated" }, { _tag: "ContactsUpdated" })
      const told: Array<TalkNotification> = []
      yield* following(calls, 1).pipe(
        Stream.runForEach((one) => Effect.sync(() => void told.push(one))),
        Effect.forkScoped
      )
      yield* until("told what was missed", () => told.length === 2)
      assert.deepInclude(told[0], { resumed: true })
      opened[0]?.close()
      yield* until("it is closed", () => opened[0]?.readyState === WebSocket.CLOSED)
      yield* tell(id, { _tag: "ContactsUpdated" }, { _tag: "ContactsUpdated" })
      const log = yield* NotificationLog
      yield* log.deleteBefore(DateTime.add(yield* DateTime.now, { days: 1 }))
      yield* patiently("told that it was too much", () => told.length === 3)
      assert.deepInclude(told[2], { newest: 4, resumed: false })
      yield* tell(id, { _tag: "ContactsUpdated" })
      yield* until("told what is new", () => told.length === 4)
      assert.deepInclude(told[3], { id: NotificationId.make(5) })
    })
  )

  test(
    "opens nothing more when the session is over",
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id, session, token } = yield* someTalker
      const { layer, opened } = watched()
      const calls = yield* Effect.provide(talkCalls({ url: yield* url, token: Redacted.make(token) }), layer)
      yield* calls.listFriends()
      let over: unknown
      yield* following(calls).pipe(
        Stream.runDrain,
        Effect.catch((error) => Effect.sync(() => void (over = error))),
        Effect.forkScoped
      )
      yield* sessions.endById(id, session.id)
      yield* patiently("it is over", () => over !== undefined)
      assert.isTrue(isSessionOver(over))
      yield* TestClock.adjust("1 hour")
      assert.isTrue(isSessionOver(yield* Effect.flip(calls.listFriends())))
      assert.lengthOf(opened, 1)
    })
  )
})

describe("a fault of the server", () => {
  const Broken = Layer.effect(
    FriendshipRepository,
    Effect.map(FriendshipRepository, (repository) =>
      FriendshipRepository.of({
        ...repository,
        list: () => Effect.die(new Error("secret: the password of the database"))
      })
    )
  )

  testWith(Broken)(
    "is told as nothing but that, and ends no other call",
    Effect.gen(function* () {
      const { token } = yield* someTalker
      const { layer } = watched()
      const calls = yield* Effect.provide(talkCalls({ url: yield* url, token: Redacted.make(token) }), layer)
      const told: Array<TalkNotification> = []
      yield* calls.notifications({}).pipe(
        Stream.runForEach((one) => Effect.sync(() => void told.push(one))),
        Effect.forkScoped
      )
      yield* until("connected", () => told.length === 1)
      const fault = yield* Effect.flip(calls.listFriends())
      assert.instanceOf(fault, ServerFault)
      assert.notMatch(JSON.stringify(fault), /secret/)
      yield* Effect.flip(calls.listFriends())
    })
  )
})
