import { assert, describe } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { createServer } from "node:http"
import { type WebSocket, WebSocketServer } from "ws"
import { mostUnread, Peer } from "../../../src/adapters/websocket/Peer.ts"
import type { LiveEvent } from "../../../src/application/notifications/LiveEvent.ts"
import { NotificationId } from "../../../src/domain/notifications/Notification.ts"
import { opcodes, RawWebSocket } from "../../support/RawWebSocket.ts"
import { someTalker, test, until } from "./SocketWorld.ts"

/** Both ends of a WebSocket; the client has no bounds on what it may send. */
const ends = Effect.gen(function* () {
  const http = yield* Effect.acquireRelease(
    Effect.sync(() => createServer().listen(0, "127.0.0.1")),
    (server) => Effect.sync(() => void server.close())
  )
  const accepted: Array<WebSocket> = []
  const sockets = new WebSocketServer({ server: http, autoPong: false })
  sockets.on("connection", (socket) => accepted.push(socket.on("error", () => {})))
  yield* until("it listens", () => http.listening)
  const address = http.address()
  const port = address !== null && typeof address === "object" ? address.port : 0
  const client = yield* Effect.acquireRelease(
    Effect.sync(() => new RawWebSocket(`http://127.0.0.1:${port}`, "/")),
    ({ socket }) => Effect.sync(() => void socket.destroy())
  )
  yield* until("both are connected", () => client.status === 101 && accepted.length === 1)
  const [socket] = accepted
  if (socket === undefined) return yield* Effect.die("no socket")
  const { session } = yield* someTalker
  return { client, socket, peer: new Peer(socket, session, "talk") }
})

const nextTurn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

describe("a peer", () => {
  const event = Effect.map(DateTime.now, (at): LiveEvent => ({
    _tag: "ContactsUpdated",
    id: NotificationId.make(1),
    at
  }))

  test(
    "that does not read is cut off at a bound",
    Effect.gen(function* () {
      const { client, peer, socket } = yield* ends
      const update = yield* event
      client.socket.pause()
      let most = 0
      for (let count = 0; yield* peer.tell(update); count++) {
        most = Math.max(most, socket.bufferedAmount)
        assert.isBelow(count, 1_000_000)
        if (count % 1000 === 0) yield* nextTurn
      }
      assert.isAbove(most, mostUnread - 1000)
      assert.isBelow(most, mostUnread + 1000)
      yield* until("it is gone", () => socket.readyState === socket.CLOSED)
      assert.isFalse(yield* peer.tell(update))
    })
  )

  test(
    "that does not read what answers its pings is, too, though it is not silent",
    Effect.gen(function* () {
      const { client, peer, socket } = yield* ends
      client.socket.pause()
      let drop: string | undefined
      for (let count = 0; drop === undefined; count++) {
        drop = count % 900 === 0 ? peer.ping() : peer.pong(Buffer.alloc(125))
        assert.isBelow(socket.bufferedAmount, mostUnread + 1000)
        assert.isBelow(count, 1_000_000)
        if (count % 1000 === 0) yield* nextTurn
      }
      assert.strictEqual(drop, "slow")
    })
  )

  test(
    "that reads is told everything, also all that a log can hold at once",
    Effect.gen(function* () {
      const { client, peer } = yield* ends
      const update = yield* event
      for (let count = 0; count < 1001; count++) assert.isTrue(yield* peer.tell(update))
      yield* until("all has come", () => client.count(opcodes.text) === 1001)
    })
  )

  test(
    "is not told what its dialect does not know",
    Effect.gen(function* () {
      const { client, peer } = yield* ends
      const [update, id] = [yield* event, NotificationId.make(2)]
      assert.isTrue(yield* peer.tell({ _tag: "ContactChanged", change: "created", contactId: 1, id, at: update.at }))
      assert.isTrue(yield* peer.tell(update))
      yield* until("something has come", () => client.messages.length > 0)
      assert.strictEqual(client.messages[0]?.event, "contacts_updated")
    })
  )
})
