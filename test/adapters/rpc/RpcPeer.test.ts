import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Fiber } from "effect"
import { createServer, type Server } from "node:http"
import { WebSocket, WebSocketServer } from "ws"
import { RpcPeer } from "../../../src/adapters/rpc/RpcPeer.ts"
import { AccountId } from "../../../src/domain/accounts/Account.ts"
import { Session, SessionId } from "../../../src/domain/accounts/Session.ts"

const at = DateTime.makeUnsafe("2026-11-20T12:00:00Z")
const session = new Session({
  id: SessionId.make("019a8f2e-7c1b-7d3e-9a54-3f0f5c1d2b6a"),
  accountId: AccountId.make(1),
  dialect: "talk",
  userAgent: null,
  createdAt: at,
  lastUsedAt: at,
  expiresAt: DateTime.add(at, { days: 1 })
})

/** Both ends of a connection. */
const connection = Effect.acquireRelease(
  Effect.promise(
    () =>
      new Promise<{ readonly server: Server; readonly peer: RpcPeer; readonly client: WebSocket }>((resolve) => {
        const server = createServer()
        const sockets = new WebSocketServer({ server })
        server.listen(0, "127.0.0.1", () => {
          const address = server.address()
          const client = new WebSocket(`ws://127.0.0.1:${typeof address === "object" ? address?.port : 0}`)
          sockets.once("connection", (socket) => {
            const peer = new RpcPeer(socket, { session, limitKey: "127.0.0.1" })
            client.once("open", () => resolve({ server, peer, client }))
          })
        })
      })
  ),
  ({ client, peer, server }) =>
    Effect.sync(() => {
      client.terminate()
      peer.terminate()
      server.close()
    })
)

const pause = Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 20)))

describe("a client of calls", () => {
  it.live("has four calls worked on at once, and streams beside them", () =>
    Effect.gen(function* () {
      const { peer } = yield* connection
      for (const id of [1, 2, 3, 4]) assert.isTrue(yield* peer.begin(id, false))
      assert.isTrue(yield* peer.begin("stream", true))
      assert.isFalse(yield* peer.begin(2, true), "a call of that id is under way")
      const fifth = yield* Effect.forkChild(peer.begin(5, false), { startImmediately: true })
      yield* pause
      assert.isUndefined(fifth.pollUnsafe())
      yield* peer.settle("stream")
      yield* peer.settle(99)
      assert.isUndefined(fifth.pollUnsafe())
      yield* peer.settle(3)
      assert.isTrue(yield* Fiber.join(fifth))
    }).pipe(Effect.scoped)
  )

  it.live("is waited for while it does not read, and not when it is gone", () =>
    Effect.gen(function* () {
      const { client, peer } = yield* connection
      client.pause()
      const megabyte = "x".repeat(1024 * 1024)
      const sending = yield* Effect.forkChild(Effect.forEach(Array.from({ length: 50 }), () => peer.send(megabyte)))
      yield* pause
      assert.isUndefined(sending.pollUnsafe())
      assert.isBelow(peer.socket.bufferedAmount, 2 * megabyte.length)
      client.terminate()
      yield* Fiber.join(sending)
    }).pipe(Effect.scoped)
  )

  it.live("gets the answer to its pings as long as it reads them", () =>
    Effect.gen(function* () {
      const { client, peer } = yield* connection
      assert.isUndefined(peer.pong(Buffer.from("hello")))
      client.pause()
      for (let count = 0; count < 50; count++) peer.socket.send("x".repeat(1024 * 1024))
      assert.strictEqual(peer.pong(Buffer.from("hello")), "slow")
      yield* pause
      assert.isFalse(peer.isOpen)
    }).pipe(Effect.scoped)
  )
})
