import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { ByteSize, Duration, Effect, Layer, Schema } from "effect"
import { HttpIncomingMessage, HttpRouter, type HttpServerError } from "effect/http"
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http"
import type { Duplex } from "node:stream"
import { statusMessage } from "./Dialects.ts"
import { routerConfig } from "./RouteTable.ts"

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

/** Bounds what one connection may cost: 10 s for the head of a request, 30 s for all of it. */
const server = (): Server<typeof IncomingMessage, typeof ServerResponse> =>
  createServer({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
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
    .on("checkExpectation", disappoint)

export interface HttpServerOptions {
  readonly host: string
  readonly port: number
}

/** Nothing can listen at that address. */
export class CannotListen extends Schema.TaggedError<CannotListen>()("CannotListen", {
  host: Schema.String,
  port: Schema.Int,
  reason: Schema.String
}) {
  override get message() {
    return `HOST ${this.host}, PORT ${this.port}: cannot listen there, ${this.reason}`
  }
}

const listenProblems: Record<string, string> = {
  EADDRINUSE: "another program does already",
  EACCES: "this user is not allowed to",
  EADDRNOTAVAIL: "it is no address of this machine",
  ENOTFOUND: "nobody knows that name"
}

const cannotListen =
  ({ host, port }: HttpServerOptions) =>
  ({ cause }: HttpServerError.ServeError): CannotListen => {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause)
    return new CannotListen({ host, port, reason: listenProblems[code] ?? code })
  }

/** How long requests under way may take to end when the server is asked to stop. */
const gracefulShutdownTimeout = Duration.seconds(5)

/** Bodies are at most 1 MiB unless a route says otherwise. */
const maximumBody = Layer.succeed(HttpIncomingMessage.MaxBodySize, ByteSize.mebibytes(1))

/** Serves the routes; up when it listens. */
export const HttpServer = <A, E, R>(routes: Layer.Layer<A, E, R>, options: HttpServerOptions) =>
  HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true, routerConfig }).pipe(
    Layer.provide(maximumBody),
    Layer.provideMerge(
      NodeHttpServer.layer(server, { host: options.host, port: options.port, gracefulShutdownTimeout }).pipe(
        Layer.catch((error) => Layer.effectContext(Effect.fail(cannotListen(options)(error))))
      )
    )
  )
