import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import type { HttpServerRequest } from "effect/http"
import { ServerResponse, STATUS_CODES } from "node:http"
import { dialectOf } from "./Dialects.ts"
import { statusMessage } from "./StatusName.ts"

/** By then the body of a usual request has arrived, or never will; in milliseconds. */
const usualPatience = 30_000

/** For the largest that any route takes: 100 MB come in by then at 1 Mbit/s. In milliseconds. */
export const mostPatience = 15 * 60_000

/** Time for a client to read why, before its connection is gone. In milliseconds. */
const grace = 500

type Incoming = ReturnType<typeof NodeHttpServerRequest.toIncomingMessage>

const timers = new WeakMap<Incoming, NodeJS.Timeout>()

/** As Node ends a request whose time is up: whatever handles it finds its connection closed. */
const giveUp = (request: HttpServerRequest.HttpServerRequest, { complete, socket }: Incoming) => {
  if (complete) return
  const response = NodeHttpServerRequest.toServerResponse(request)
  const { body } = dialectOf(request.url).render({ status: 408, message: statusMessage(408) })
  if (body._tag === "Uint8Array" && response instanceof ServerResponse && !response.headersSent && socket.writable) {
    socket.write(
      `HTTP/1.1 408 ${STATUS_CODES[408]}\r\nContent-Type: ${body.contentType}\r\n` +
        `Content-Length: ${body.contentLength}\r\nConnection: close\r\n\r\n`
    )
    socket.end(body.body)
  }
  setTimeout(() => socket.destroy(), grace)
}

/** Bounds how long a body may take: 30 seconds, unless its route allows more. */
export const boundBody = (request: HttpServerRequest.HttpServerRequest): void => {
  const incoming = NodeHttpServerRequest.toIncomingMessage(request)
  const { "content-length": length = "0", "transfer-encoding": coding } = incoming.headers
  if (coding === undefined && Number(length) === 0) return
  const timer = setTimeout(() => giveUp(request, incoming), usualPatience)
  timers.set(incoming, timer)
  incoming.once("end", () => clearTimeout(timer)).once("close", () => clearTimeout(timer))
}

/** The body may take as long as any: 15 minutes. */
export const allowSlowBody = (request: HttpServerRequest.HttpServerRequest): void =>
  clearTimeout(timers.get(NodeHttpServerRequest.toIncomingMessage(request)))
