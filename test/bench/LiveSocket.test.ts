import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { createServer } from "node:http"
import { type WebSocket, WebSocketServer } from "ws"
import { openAll, openLive } from "../../bench/load/LiveSocket.ts"

/** A server of WebSockets that does one thing with each; it refuses those of `/refused`. */
const serving = (welcome: (socket: WebSocket) => void) =>
  Effect.acquireRelease(
    Effect.callback<{ url: string; close: () => void; open: () => number }>((resume) => {
      const sockets = new WebSocketServer({ noServer: true })
      const server = createServer().on("upgrade", (request, socket, head) => {
        if (request.url === "/refused") return socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n")
        sockets.handleUpgrade(request, socket, head, welcome)
      })
      const close = () => {
        sockets.clients.forEach((socket) => socket.terminate())
        server.close()
      }
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" ? address?.port : undefined
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, close, open: () => sockets.clients.size }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

describe("a socket of the bench", () => {
  it.live("hears every text behind the greeting, short and long, and answers pings", () =>
    Effect.gen(function* () {
      const texts = ["x", "é".repeat(60), "y".repeat(125), "z".repeat(40_000), "end"]
      const heard: Array<string> = []
      const pong = Promise.withResolvers<string>()
      const last = Promise.withResolvers<void>()
      const { url } = yield* serving((socket) => {
        socket.send("welcome")
        for (const text of texts) socket.send(text)
        socket.on("pong", (data) => pong.resolve(data.toString()))
        socket.ping("are you there?")
      })
      const hear = (text: string) => {
        heard.push(text)
        if (text === "end") last.resolve()
      }
      const socket = yield* Effect.promise(() => openLive({ url, path: "/live", hear, lost: last.reject }))
      yield* Effect.promise(() => last.promise)
      assert.deepStrictEqual(heard, texts)
      assert.strictEqual(yield* Effect.promise(() => pong.promise), "are you there?")
      socket.close()
    }).pipe(Effect.scoped)
  )

  it.live("says when it was lost, but not when it was closed here", () =>
    Effect.gen(function* () {
      const lost = Promise.withResolvers<string>()
      const { url } = yield* serving((socket) => {
        socket.send("welcome")
        socket.close(4401)
      })
      const options = { url, path: "/live", hear: () => {}, lost: lost.resolve }
      yield* Effect.promise(() => openLive(options))
      assert.strictEqual(yield* Effect.promise(() => lost.promise), "closed with 4401")

      const { url: other } = yield* serving((socket) => socket.send("welcome"))
      const socket = yield* Effect.promise(() =>
        openLive({ ...options, url: other, lost: () => assert.fail("it was closed here") })
      )
      socket.close()
      yield* Effect.sleep("50 millis")
    }).pipe(Effect.scoped)
  )

  it.live("is not open where it is refused, and then closes those that are", () =>
    Effect.gen(function* () {
      const { open, url } = yield* serving((socket) => socket.send("welcome"))
      const socket = (path: string) => ({ url, path, hear: () => {}, lost: () => {} })
      const refused = yield* Effect.flip(
        Effect.tryPromise(() => openAll([socket("/live"), socket("/refused"), socket("/live")]))
      )
      assert.include(String(refused.cause), "401")
      yield* Effect.sleep("100 millis")
      assert.strictEqual(open(), 0)
    }).pipe(Effect.scoped)
  )
})
