/** A server with one WebSocket, as `websocket-memory.ts` starts it: its port, or what its memory is, goes to the parent. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import { createServer } from "node:http"
import type { Duplex } from "node:stream"
import { WebSocketServer } from "ws"
import { rememberUpgrade, takeOver } from "../src/adapters/http/Upgrades.ts"

const [, , way = "bare"] = process.argv

const sockets = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false })
const live = new Set<object>()

const accept = (request: Parameters<typeof sockets.handleUpgrade>[0], socket: Duplex, head: Buffer) =>
  sockets.handleUpgrade(request, socket, head, (webSocket) => {
    live.add(webSocket)
    webSocket.on("close", () => live.delete(webSocket)).on("error", () => {})
  })

/** The upgrade of the framework: a fiber for each socket, which reads until the client goes. */
const byFramework = Effect.gen(function* () {
  const request = yield* HttpServerRequest.HttpServerRequest
  const socket = yield* request.upgrade
  const read = Effect.scoped(Effect.flatMap(socket.reader, (reader) => Effect.forever(reader.pull)))
  yield* Effect.ignore(read)
  return HttpServerResponse.empty()
})

/** The handshake by the framework, and the socket by `ws`, as src/adapters/websocket has it. */
const takenOver = Effect.gen(function* () {
  const request = yield* HttpServerRequest.HttpServerRequest
  const upgrade = yield* takeOver(request)
  if (upgrade !== undefined) accept(upgrade.request, upgrade.socket, upgrade.head)
  return HttpServerResponse.empty({ status: 101 })
})

const serve = (route: typeof takenOver | typeof byFramework) =>
  HttpRouter.serve(HttpRouter.add("GET", "/live", route), { disableLogger: true, disableListenLog: true }).pipe(
    Layer.provideMerge(
      NodeHttpServer.layer(() => createServer().on("upgrade", rememberUpgrade), { port: 0, host: "127.0.0.1" })
    )
  )

const memory = async () => {
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  const { heapUsed, rss } = process.memoryUsage()
  return { heapUsed, rss }
}

process.on("message", () => void memory().then((used) => process.send?.(used)))

if (way === "bare") {
  const server = createServer().on("upgrade", accept)
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    process.send?.(typeof address === "object" ? address?.port : undefined)
  })
} else {
  const program = Effect.gen(function* () {
    const { address } = yield* HttpServer.HttpServer
    process.send?.("port" in address ? Number(address.port) : undefined)
    return yield* Effect.never
  })
  Effect.runFork(Effect.provide(program, serve(way === "framework" ? byFramework : takenOver)))
}
