import { assert, describe } from "@effect/vitest"
import { DateTime, Effect, Exit, Scope } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { TestClock } from "effect/testing"
import { mostFrames } from "../../../src/adapters/websocket/Peer.ts"
import { Sessions } from "../../../src/application/accounts/Sessions.ts"
import { mostConnections } from "../../../src/application/notifications/LiveNotifications.ts"
import { frame, opcodes, type RawWebSocket } from "../../support/RawWebSocket.ts"
import { connected, open, serving, signIn, someReader, someTalker, tell, test, until } from "./SocketWorld.ts"

const [talk, v1] = ["/api/notifications", "/api/v1/notifications"]

/** How many connections were ended for that reason. */
const dropped = (reason: string) =>
  Effect.map(PrometheusMetrics.format(), (text) =>
    Number(new RegExp(`^rookery_live_drops_total\\{reason="${reason}"\\} (\\d+)$`, "m").exec(text)?.[1])
  )

const pongs = (client: RawWebSocket) => client.send(frame(opcodes.pong))

describe("live sockets", () => {
  test(
    "say what the documents say",
    Effect.gen(function* () {
      const [talker, friend] = [yield* someTalker, yield* someTalker]
      const timestamp = DateTime.formatIso(yield* DateTime.now)
      const talking = yield* connected(`${talk}?token=${talker.token}`)
      const reading = yield* connected(`${v1}?token=${talker.token}`)
      yield* tell(
        talker.id,
        { _tag: "ContactsUpdated" },
        { _tag: "MessagesUpdated", with: friend.id },
        { _tag: "ContactChanged", change: "created", contactId: 7 },
        { _tag: "NoteChanged", change: "deleted", contactId: 7, noteId: 9 }
      )
      yield* until("all was told", () => talking.messages.length === 3 && reading.messages.length === 3)
      assert.deepStrictEqual(talking.messages, [
        { event: "connected", timestamp, id: 0 },
        { event: "contacts_updated", timestamp, id: 1 },
        { event: "messages_updated", sender: friend.phoneNumber, timestamp, id: 2 }
      ])
      assert.deepStrictEqual(reading.messages, [
        { event: "connected", timestamp, id: 0 },
        { event: "contact_created", contact_id: 7, timestamp, id: 3 },
        { event: "note_deleted", contact_id: 7, note_id: 9, timestamp, id: 4 }
      ])
      const resumed = yield* connected(`${talk}?token=${talker.token}&since=1`)
      yield* until("what was missed is told", () => resumed.messages.length === 2)
      assert.deepInclude(resumed.messages[0], { event: "connected", id: 4, resumed: true })
      assert.deepInclude(resumed.messages[1], { event: "messages_updated", id: 2 })
      const lost = yield* connected(`${talk}?token=${talker.token}&since=99`)
      assert.deepInclude(lost.messages[0], { event: "connected", id: 4, resumed: false })
    })
  )

  test(
    "ping every 30 seconds, and drop who misses two",
    Effect.gen(function* () {
      const { token } = yield* someTalker
      const clients = [yield* connected(`${talk}?token=${token}`), yield* connected(`${talk}?token=${token}`)]
      const [answering, silent] = clients
      assert.isDefined(answering)
      assert.isDefined(silent)
      for (let turn = 1; turn <= 6; turn++) {
        yield* TestClock.adjust("30 seconds")
        yield* until("the ping has come", () => answering.count(opcodes.ping) === turn)
        pongs(answering)
        yield* until("silence is missed", () => turn < 3 || silent.closed)
        if (turn < 3) yield* until("the ping has come", () => silent.count(opcodes.ping) === turn)
        // The answer has to be there before the next turn: the server answers a ping after what came before it.
        const before = answering.count(opcodes.pong)
        answering.send(frame(opcodes.ping))
        yield* until("the answer has arrived", () => answering.count(opcodes.pong) === before + 1)
      }
      assert.isFalse(answering.closed)
      assert.strictEqual(silent.count(opcodes.ping), 2)
      assert.isUndefined(silent.closeCode, "nobody would read it")
      assert.strictEqual(yield* dropped("silent"), 1)
    })
  )

  test(
    "close with the session, and as the oldest of too many",
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const talker = yield* someTalker
      const another = yield* signIn(talker.id)
      const [ended, stays] = [
        yield* connected(`${talk}?token=${talker.token}`),
        yield* connected(`${v1}?token=${another.token}`)
      ]
      yield* sessions.endById(talker.id, talker.session.id)
      yield* until("it is closed", () => ended.closeCode !== undefined)
      assert.strictEqual(ended.closeCode, 4401)
      assert.strictEqual(ended.frames.at(-1)?.payload.toString("utf8", 2), "The session has ended")
      for (let count = 0; count < mostConnections; count++) yield* connected(`${talk}?token=${another.token}`)
      yield* until("the oldest is closed", () => stays.closeCode !== undefined)
      assert.strictEqual(stays.closeCode, 4429)
      // Who does not answer is cut off; who does, at once.
      stays.send(frame(opcodes.close, Buffer.from([0x11, 0x4d])))
      yield* until("its connection ends", () => stays.closed)
      assert.deepStrictEqual([yield* dropped("session_ended"), yield* dropped("replaced")], [1, 1])
    })
  )

  test(
    "answer a client's closing handshake with its own code, and forget it",
    Effect.gen(function* () {
      const { id, token } = yield* someReader
      const client = yield* connected(`${v1}?token=${token}`)
      client.send(frame(opcodes.close, Buffer.from([0x03, 0xe8])))
      yield* until("it is closed", () => client.closed)
      assert.strictEqual(client.closeCode, 1000)
      const vanished = yield* connected(`${v1}?token=${token}`)
      vanished.socket.resetAndDestroy()
      yield* tell(id, { _tag: "ContactChanged", change: "created", contactId: 7 })
      const next = yield* connected(`${v1}?token=${token}`)
      yield* tell(id, { _tag: "ContactChanged", change: "created", contactId: 8 })
      yield* until("life goes on", () => next.messages.length === 2)
    })
  )

  test(
    "cut off who sends more than a client has to say, and nobody for a word now and then",
    Effect.gen(function* () {
      const { token } = yield* someTalker
      const chatty = yield* connected(`${talk}?token=${token}`)
      for (let turn = 1; turn <= 3; turn++) {
        chatty.send(...Array.from({ length: mostFrames - 1 }, () => frame(opcodes.text, "still here")))
        chatty.send(frame(opcodes.ping))
        yield* until("all was heard", () => chatty.count(opcodes.pong) === turn)
        yield* TestClock.adjust("30 seconds")
        yield* until("the ping has come", () => chatty.count(opcodes.ping) === turn)
      }
      const noisy = yield* connected(`${talk}?token=${token}`)
      noisy.send(...Array.from({ length: mostFrames + 1 }, () => frame(opcodes.binary, "noise")))
      yield* until("it is cut off", () => noisy.closed)
      assert.isFalse(chatty.closed)
      assert.strictEqual(yield* dropped("noisy"), 1)
    })
  )

  test(
    "close with the server: within a second, whatever a client does, and take no more meanwhile",
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { services, url } = yield* Scope.provide(serving, scope)
      yield* Effect.gen(function* () {
        const { token } = yield* someTalker
        const [polite, rude] = [yield* connected(`${talk}?token=${token}`), yield* connected(`${talk}?token=${token}`)]
        const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
        yield* until("both are told", () => polite.closeCode === 1001 && rude.closeCode === 1001)
        polite.send(frame(opcodes.close, Buffer.from([0x03, 0xe9])))
        yield* until("one is gone", () => polite.closed)
        assert.isFalse(rude.closed)
        const late = yield* open(`${talk}?token=${token}`)
        assert.strictEqual(late.status, 503)
        assert.match(late.body, /"success":false/)
        const started = performance.now()
        yield* TestClock.adjust("1 second")
        yield* until("the other is gone, too", () => rude.closed)
        // Long before its closing handshake is given up.
        assert.isBelow(performance.now() - started, 3000)
        yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 20)))
        yield* TestClock.adjust("5 seconds")
        void closing
        const refused = yield* Effect.promise(() =>
          fetch(url).then(
            () => false,
            () => true
          )
        )
        assert.isTrue(refused, "nobody listens any more")
      }).pipe(Effect.provide(services))
    })
  )
})
