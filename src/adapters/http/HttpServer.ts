import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { ByteSize, type Context, Duration, Effect, Layer, Option } from "effect"
import { HttpIncomingMessage, HttpRouter } from "effect/http"
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http"
import type { Duplex } from "node:stream"
import { mostPatience } from "./BodyDeadline.ts"
import { type Address, cannotListen } from "./Listening.ts"
import { narrowed, ours } from "./Narrowed.ts"
import { routerConfig } from "./RouteTable.ts"
import { SocketServer } from "./SocketServer.ts"
import { statusMessage } from "./StatusName.ts"
import { rememberUpgrade } from "./Upgrades.ts"

/** What a request that never became one is told: its path is not known, so the dialect is the classic one. */
const refusals: Record<string, number> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413
}

const refuse = (error: Pick<NodeJS.ErrnoException, "code">, socket: Duplex) => {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy()
    return
  }
  const status = refusals[error.code ?? ""] ?? 400
  const body = JSON.stringify({ error: statusMessage(status) })
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  )
}

/** Node's own answer to an `Expect` that is not `100-continue` has no body. */
const disappoint = (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(417, { "content-type": "application/json", connection: "close" })
  response.end(JSON.stringify({ error: statusMessage(417) }))
}

/** Bounds what one connection may cost: 10 s for the head of a request; for its body the pipeline allows less than Node. */
const server = (): Server<typeof IncomingMessage, typeof ServerResponse> =>
  createServer({
    headersTimeout: 10_000,
    requestTimeout: mostPatience,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: 65_000,
    // Node would refuse with an empty body; the pipeline looks after it.
    requireHostHeader: false
  })
    // Who neither sends nor reads holds a page of a list and a fiber. Node counts a blocked write from its second look on,
    // so that takes one to two minutes; between requests keepAliveTimeout counts.
    .setTimeout(60_000)
    .on("clientError", refuse)
    .on("connect", (_, socket) => refuse({}, socket))
    .on("upgrade", rememberUpgrade)
    .on("checkExpectation", disappoint)

export interface HttpServerOptions extends Address {
  /** With other processes, among which the system spreads the connections. */
  readonly sharesPort?: boolean
}

/** How long requests under way may take to end when the server is asked to stop. */
const gracefulShutdownTimeout = Duration.seconds(5)

/** Bodies are at most 1 MiB unless a route says otherwise. */
const maximumBody = Layer.succeed(HttpIncomingMessage.MaxBodySize, ByteSize.mebibytes(1))

/** Connections that are WebSockets by now would be waited for in vain. */
const closeSockets = Layer.effectDiscard(
  Effect.flatMap(
    Effect.serviceOption(SocketServer),
    Option.match({ onNone: () => Effect.void, onSome: ({ close }) => Effect.addFinalizer(() => close) })
  )
)

/** The routes see what they need; who serves them sees nothing of it. */
const serve = <A, E, R>(routes: Layer.Layer<A, E, R>) =>
  Layer.unwrap(
    Effect.contextWith((context: Context.Context<never>) =>
      Effect.succeed(
        HttpRouter.serve(routes.pipe(Layer.provide(ours(context))), {
          disableLogger: true,
          disableListenLog: true,
          routerConfig
        }).pipe(narrowed())
      )
    )
  )

/** Serves the routes; up when it listens. */
export const HttpServer = <A, E, R>(routes: Layer.Layer<A, E, R>, options: HttpServerOptions) =>
  closeSockets.pipe(
    Layer.provideMerge(serve(routes)),
    Layer.provide(maximumBody),
    Layer.provideMerge(
      NodeHttpServer.layer(server, {
        host: options.host,
        port: options.port,
        reusePort: options.sharesPort === true,
        gracefulShutdownTimeout
      }).pipe(Layer.catch(({ cause }) => Layer.effectContext(Effect.fail(cannotListen(options, cause)))))
    )
  )
