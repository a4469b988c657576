import { assert, describe } from "@effect/vitest"
import { Effect, Exit, Layer, Scope } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { TestClock } from "effect/testing"
import { mostFrames, mostStreams } from "../../../src/adapters/rpc/RpcPeer.ts"
import { Sessions } from "../../../src/application/accounts/Sessions.ts"
import { mostConnections } from "../../../src/application/notifications/LiveNotifications.ts"
import { frame, opcodes, type RawWebSocket } from "../../support/RawWebSocket.ts"
import { open, signIn, someReader, someTalker, until, url } from "../websocket/SocketWorld.ts"
import { SessionRepository } from "../../../src/domain/accounts/SessionRepository.ts"
import { callsOf, rawCaller, servingCalls, test, testWith } from "./RpcWorld.ts"

const say = (message: unknown) => frame(opcodes.text, JSON.stringify(message))
const request = (id: number | string, tag: string, payload: unknown = null) =>
  say({ _tag: "Request", id, tag, payload, headers: [] })

const answerTo = (client: RawWebSocket, id: number | string) =>
  client.messages.find(({ _tag, requestId }) => _tag === "Exit" && requestId === id)

/** Of all tests in this process together. */
const metric = (line: string) =>
  Effect.map(PrometheusMetrics.format(), (text) =>
    Number(new RegExp(`^${line.replaceAll(/[{}]/g, "\\$&")} (\\d+)$`, "m").exec(text)?.[1] ?? 0)
  )

/** Its answer, as the framework writes it. */
const ask = Effect.fnUntraced(function* (client: RawWebSocket, id: number | string, tag: string, payload?: unknown) {
  client.send(request(id, tag, payload))
  yield* until(`${tag} is answered`, () => answerTo(client, id) !== undefined)
  return answerTo(client, id)?.exit
})

const refused = Effect.fnUntraced(function* (path: string, headers?: Readonly<Record<string, string>>) {
  const client = yield* open(path, headers)
  yield* until("the connection ends", () => client.closed)
  const body = JSON.parse(client.body) as Readonly<Record<string, unknown>>
  assert.deepStrictEqual([body.success, typeof body.message], [false, "string"])
  return client.status
})

/** Where looking at a session takes its time, as with a database. */
const SlowSessions = Layer.effect(
  SessionRepository,
  SessionRepository.useSync((sessions) =>
    SessionRepository.of({
      ...sessions,
      findActive: (id, now) =>
        Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 50))).pipe(
          Effect.andThen(sessions.findActive(id, now))
        )
    })
  )
)

describe("the handshake of /rpc", () => {
  test(
    "is for whoever has a session and a phone number",
    Effect.gen(function* () {
      const [talker, reader] = [yield* someTalker, yield* someReader]
      assert.strictEqual(yield* refused("/rpc"), 401)
      assert.strictEqual(yield* refused(`/rpc?token=${talker.token}x`), 401)
      assert.strictEqual(yield* refused(`/rpc?token=${talker.refreshToken}`), 401)
      assert.strictEqual(yield* refused(`/rpc?token=${reader.token}`), 400)
      assert.strictEqual(yield* refused(`/rpc?token=${talker.token}`, { "Sec-WebSocket-Version": "12" }), 426)
      for (const headers of [{ Authorization: `Bearer ${talker.token}` }, undefined]) {
        assert.strictEqual((yield* open(`/rpc/?token=${talker.token}`, headers)).status, 101)
      }
      const client = yield* rawCaller(talker.token)
      assert.match(client.answer, /^Sec-WebSocket-Protocol: bearer\r$/im)
      const server = yield* url
      const posted = yield* Effect.promise(() => fetch(`${server}/rpc`, { method: "POST" }))
      assert.deepStrictEqual([posted.status, posted.headers.get("allow")], [405, "GET, HEAD, OPTIONS"])
    })
  )

  test(
    "loses nothing that comes right behind it",
    Effect.gen(function* () {
      const { token } = yield* someTalker
      const client = yield* rawCaller(token, Buffer.concat([request(1, "listFriends"), say({ _tag: "Ping" })]))
      yield* until("both are answered", () => client.messages.length === 2)
      assert.deepStrictEqual(answerTo(client, 1)?.exit, { _tag: "Success", value: [] })
      assert.deepInclude(client.messages, { _tag: "Pong" })
    })
  )

  testWith(SlowSessions)(
    "loses nothing that comes while the session is looked at",
    Effect.gen(function* () {
      const { token } = yield* someTalker
      const client = yield* rawCaller(token)
      client.send(request(1, "listFriends"))
      yield* until("it is answered", () => answerTo(client, 1) !== undefined)
    })
  )
})

describe("the sockets of calls", () => {
  test(
    "close with the session, whether or not anybody listens, and as the oldest of too many",
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const talker = yield* someTalker
      const another = yield* signIn(talker.id)
      const { phoneNumber } = yield* someTalker
      const idle = yield* rawCaller(talker.token)
      const stays = yield* rawCaller(another.token)
      yield* ask(stays, 1, "listFriends")
      yield* ask(idle, 1, "listFriends")
      yield* sessions.endById(talker.id, talker.session.id)
      yield* until("it is closed", () => idle.closeCode !== undefined)
      assert.strictEqual(idle.closeCode, 4401)
      idle.send(request(2, "requestFriend", { phoneNumber }))
      assert.deepStrictEqual(yield* ask(stays, 2, "listFriends"), { _tag: "Success", value: [] })
      for (let count = 0; count < mostConnections; count++) yield* rawCaller(another.token)
      yield* until("the oldest is closed", () => stays.closeCode !== undefined)
      assert.strictEqual(stays.closeCode, 4429)
      assert.isUndefined(answerTo(idle, 2))
      assert.strictEqual(yield* metric('rookery_live_connections{topic="calls"}'), mostConnections)
    })
  )

  test(
    "say what is wrong with a call, and nothing of the server",
    Effect.gen(function* () {
      const { token } = yield* someTalker
      const client = yield* rawCaller(token)
      const unknown = yield* ask(client, "a", "dropTables")
      assert.match(JSON.stringify(unknown), /Unknown request tag: dropTables/)
      const unfit = yield* ask(client, "b", "acceptFriend", { phoneNumber: "12" })
      assert.match(JSON.stringify(unfit), /must be 7 to 15 digits/)
      const missing = yield* ask(client, "c", "acceptFriend", { phoneNumber: "1234567" })
      assert.match(JSON.stringify(missing), /"FriendNotFound"/)
      assert.deepStrictEqual(yield* ask(client, "d", "listFriends"), { _tag: "Success", value: [] })
      assert.notMatch(JSON.stringify(client.messages), /node_modules|src\/|\.ts/)
    })
  )

  const violations: ReadonlyArray<readonly [what: string, sent: ReadonlyArray<Buffer>, code: number]> = [
    ["what is no JSON", [frame(opcodes.text, "{")], 1007],
    ["no message", [say({ _tag: "Request" })], 1007],
    ["null", [say(null)], 1007],
    ["many messages in one", [say([{ _tag: "Ping" }])], 1007],
    ["a message of another protocol", [say({ _tag: "Eof" })], 1007],
    ["an id that is none", [say({ _tag: "Request", id: { a: 1 }, tag: "listFriends" })], 1007],
    ["an id that is too long", [request("x".repeat(65), "listFriends")], 1007],
    ["bytes", [frame(opcodes.binary, Buffer.from([0xff, 0xfe, 0x00]))], 1007],
    ["text that is not UTF-8", [frame(opcodes.text, Buffer.from([0xc3, 0x28]))], 1007],
    ["128 KiB and one byte", [frame(opcodes.text, Buffer.alloc(128 * 1024 + 1, "x"))], 1009],
    ["2 GB", [Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x80, 0, 0, 0, 1, 2, 3, 4])], 1009],
    [
      "fragments without end",
      [
        frame(opcodes.text, "x", { final: false }),
        ...Array.from({ length: 100 }, () => frame(opcodes.continuation, "", { final: false }))
      ],
      1008
    ],
    ["the id of a call that is under way", [request(1, "notifications", {}), request(1, "notifications", {})], 1008],
    ["too many streams", Array.from({ length: mostStreams + 1 }, (_, id) => request(id, "notifications", {})), 1008]
  ]

  test(
    "are closed with the code for it where a client sends what none should, and no others are",
    Effect.gen(function* () {
      const { token } = yield* someTalker
      const { phoneNumber } = yield* someTalker
      const witness = yield* rawCaller(token)
      for (const [what, sent, code] of violations) {
        const client = yield* rawCaller(token)
        client.send(...sent, request("late", "requestFriend", { phoneNumber }))
        yield* until(`${what} is refused`, () => client.closeCode !== undefined || client.closed)
        assert.strictEqual(client.closeCode, code, what)
        // Nor is anything done that comes behind it.
        assert.deepStrictEqual(yield* ask(witness, what, "listFriends"), { _tag: "Success", value: [] }, what)
        assert.isUndefined(answerTo(client, "late"), what)
        client.socket.destroy()
      }
    })
  )

  test(
    "pass over headers, traces and wishes for no answer",
    Effect.gen(function* () {
      const { token } = yield* someTalker
      const client = yield* rawCaller(token)
      const odd = { headers: 7, traceId: {}, spanId: 1, sampled: "x", isNotification: true, discard: true }
      client.send(say({ _tag: "Request", id: 1, tag: "listFriends", payload: null, ...odd }))
      client.send(say({ _tag: "Ack", requestId: 99 }), say({ _tag: "Interrupt", requestId: 98 }))
      yield* until("it is answered all the same", () => answerTo(client, 1) !== undefined)
      assert.deepStrictEqual(answerTo(client, 1)?.exit, { _tag: "Success", value: [] })
    })
  )

  test(
    "drop who misses two pings, and who sends more than anybody has to say",
    Effect.gen(function* () {
      const { token } = yield* someTalker
      const [silent, noisy] = [yield* rawCaller(token), yield* rawCaller(token)]
      noisy.send(...Array.from({ length: mostFrames + 1 }, () => say({ _tag: "Ping" })))
      yield* until("it is cut off", () => noisy.closed)
      for (const count of [1, 2]) {
        yield* TestClock.adjust("30 seconds")
        yield* until("the ping has come", () => silent.count(opcodes.ping) === count)
      }
      yield* TestClock.adjust("30 seconds")
      yield* until("it is cut off", () => silent.closed)
      assert.strictEqual(yield* metric('rookery_live_drops_total{reason="silent"}'), 1)
      assert.strictEqual(yield* metric('rookery_live_drops_total{reason="noisy"}'), 1)
    })
  )

  test(
    "interrupt what a client that is gone had asked for, and forget it",
    Effect.gen(function* () {
      const { token } = yield* someTalker
      const interrupted = 'rookery_calls_total{call="notifications",outcome="interrupted"}'
      const before = yield* metric(interrupted)
      const client = yield* rawCaller(token)
      client.send(request(1, "notifications", {}))
      yield* until("it listens", () => client.messages.length > 0)
      assert.strictEqual(yield* metric('rookery_live_connections{topic="talk"}'), 1)
      client.socket.resetAndDestroy()
      const another = yield* callsOf(token)
      yield* another.listFriends()
      let [left, round] = [1, 0]
      while (left > 0 && round++ < 1000) {
        yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 2)))
        left = yield* metric('rookery_live_connections{topic="talk"}')
      }
      assert.strictEqual(left, 0)
      assert.strictEqual(yield* metric('rookery_live_connections{topic="calls"}'), 1)
      assert.strictEqual((yield* metric(interrupted)) - before, 1)
    })
  )

  test(
    "close with the server: within a second, whatever a client does",
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const services = yield* Layer.buildWithScope(servingCalls, scope)
      yield* Effect.gen(function* () {
        const { token } = yield* someTalker
        const [polite, rude] = [yield* rawCaller(token), yield* rawCaller(token)]
        rude.send(request(1, "notifications", {}))
        yield* until("it listens", () => rude.messages.length > 0)
        const server = yield* url
        const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
        yield* until("both are told", () => polite.closeCode === 1001 && rude.closeCode === 1001)
        polite.send(frame(opcodes.close, Buffer.from([0x03, 0xe9])))
        yield* until("one is gone", () => polite.closed)
        assert.isFalse(rude.closed)
        yield* TestClock.adjust("1 second")
        yield* until("the other is gone, too", () => rude.closed)
        yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 20)))
        yield* TestClock.adjust("5 seconds")
        void closing
        const answered = yield* Effect.promise(() =>
          fetch(server).then(
            () => true,
            () => false
          )
        )
        assert.isFalse(answered, "nobody listens any more")
      }).pipe(Effect.provide(services))
    })
  )
})
