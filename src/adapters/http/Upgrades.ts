import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Effect } from "effect"
import type { HttpServerRequest } from "effect/http"
import { type IncomingMessage, ServerResponse } from "node:http"
import { Socket } from "node:net"
import type { Duplex } from "node:stream"

/** A connection that a client wants to speak another protocol on, and what came over it behind the request. */
export interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

/** The framework passes on neither the connection nor what came with the request. */
const upgrades = new WeakMap<object, Upgrade>()

/** For Node's `upgrade` event, before the framework hears of it. */
export const rememberUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
  upgrades.set(request, { request, socket, head })
}

const ignore = () => {}

/**
 * Takes the connection of a request away from the framework, which holds no part of it any more and answers nothing.
 * Undefined where the request asks for no other protocol.
 */
export const takeOver = Effect.fnUntraced(function* (request: HttpServerRequest.HttpServerRequest) {
  // The framework's listeners are there only when it has begun to wait for the handler.
  yield* Effect.yieldNow
  const incoming = NodeHttpServerRequest.toIncomingMessage(request)
  const upgrade = upgrades.get(incoming)
  if (upgrade === undefined) return undefined
  upgrades.delete(incoming)
  const { socket } = upgrade
  // A response that has ended is not written again; one without a socket ends without a word.
  const response = NodeHttpServerRequest.toServerResponse(request)
  if (response instanceof ServerResponse && socket instanceof Socket) response.detachSocket(socket)
  response.removeAllListeners("finish").end()
  // The framework's listeners would keep the request in memory for as long as the connection lasts.
  socket.removeAllListeners("close").removeAllListeners("error").on("error", ignore)
  return upgrade
})
