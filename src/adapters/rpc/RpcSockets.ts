import { Context, Deferred, Duration, Effect, Fiber, FiberSet, Layer, Option, Queue, Schedule } from "effect"
import { RpcSchema, RpcSerialization, RpcServer } from "effect/rpc"
import { Socket } from "effect/socket"
import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import { WebSocketServer } from "ws"
import { LiveNotifications } from "../../application/notifications/LiveNotifications.ts"
import { countDrop, type Drop } from "../../application/notifications/LiveMetrics.ts"
import { CalledLive, ConnectionCaller } from "./CalledLive.ts"
import type { Caller } from "./Caller.ts"
import { readMessage } from "./RpcMessages.ts"
import { RpcPeer } from "./RpcPeer.ts"
import { TalkRpcHandlers } from "./TalkRpcHandlers.ts"
import { TalkRpcs } from "./TalkRpcs.ts"

/** A connection whose client asks to speak WebSocket on it, and what came over it behind the request. */
export interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

const heartbeat = Duration.seconds(30)

/** The longest text takes 60 KB where all of it has to be escaped. In bytes, and frames of one message. */
const maxPayload = 128 * 1024
const maxFragments = 64

/** How long a client may take to answer the closing handshake; and all of them together, when the server stops. */
const closePatience = Duration.seconds(5)
const stopPatience = Duration.seconds(1)

// Apart, since its types do not know all of these yet.
const options = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  // Who pings and does not read would be answered without end.
  autoPong: false,
  maxPayload,
  maxFragments,
  closeTimeout: Duration.toMillis(closePatience),
  // The token that follows it is nobody's protocol.
  handleProtocols: (offered: Set<string>) => (offered.has("bearer") ? "bearer" : (false as const))
}

const isStream = (tag: string): boolean => {
  const rpc = TalkRpcs.requests.get(tag)
  return rpc !== undefined && RpcSchema.isStreamSchema(rpc.successSchema)
}

/** The WebSockets of this instance that calls come over. */
export class RpcSockets extends Context.Service<
  RpcSockets,
  {
    /** Answers the handshake, which whoever asks has looked at. */
    accept(upgrade: Upgrade, caller: Caller["Service"]): Effect.Effect<void>
    /** Closes all with 1001; within a second, whatever the clients do. */
    readonly close: Effect.Effect<void>
  }
>()("rookery/adapters/rpc/RpcSockets") {
  static readonly layer = Layer.effect(
    RpcSockets,
    Effect.gen(function* () {
      const live = yield* LiveNotifications
      const run = yield* FiberSet.makeRuntime<never>()
      const peers = new Map<number, RpcPeer>()
      const disconnects = yield* Queue.make<number>()
      const gone = yield* Deferred.make<void>()
      const { codecFor } = RpcSerialization.json
      const server = new WebSocketServer(options)
      let closing = false
      let accepted = 0

      const note = (drop: Drop | undefined) => {
        if (drop !== undefined) run(countDrop(drop))
      }

      let take: Parameters<RpcServer.Protocol["Service"]["run"]>[0] = () => Effect.void
      const protocol = yield* RpcServer.Protocol.make((write) => {
        take = write
        return Effect.succeed({
          disconnects,
          send: (id, response) =>
            Effect.suspend(() => {
              const peer = peers.get(id)
              if (peer === undefined) return Effect.void
              const sent = peer.send(JSON.stringify(response))
              return response._tag === "Exit" ? Effect.ensuring(sent, peer.settle(response.requestId)) : sent
            }),
          end: () => Effect.void,
          clientIds: Effect.sync(() => new Set(peers.keys())),
          initialMessage: Effect.succeedNone,
          supportsAck: true,
          supportsTransferables: false,
          supportsSpanPropagation: false,
          supportsNotifications: false,
          codecFor
        })
      })
      yield* RpcServer.make(TalkRpcs, { disableFatalDefects: true }).pipe(
        Effect.provideService(RpcServer.Protocol, protocol),
        Effect.forkScoped
      )

      const receive = Effect.fnUntraced(function* (id: number, peer: RpcPeer, frame: string | Uint8Array) {
        const message = Option.getOrUndefined(
          readMessage(typeof frame === "string" ? frame : new TextDecoder().decode(frame))
        )
        if (message === undefined) return peer.close(1007, "This is no message of effect/rpc in JSON")
        if (message._tag !== "Request") return yield* take(id, message)
        const { payload, tag } = message
        const mayBegin = yield* peer.begin(message.id, isStream(tag))
        if (!mayBegin) return peer.close(1008, "A call of that id is under way, or too many streams are")
        yield* take(id, { _tag: "Request", id: message.id, tag, payload, headers: [] })
      })

      const serve = Effect.fnUntraced(
        function* (id: number, peer: RpcPeer) {
          yield* live.join(peer)
          const socket = yield* Socket.fromWebSocket(Effect.succeed(peer.socket))
          const { pull } = yield* socket.reader
          while (peer.isOpen) {
            for (const frame of yield* pull) if (peer.isOpen) yield* receive(id, peer, frame)
          }
        },
        Effect.scoped,
        Effect.catchTag("SocketError", () => Effect.void)
      )

      const accept = ({ head, request, socket }: Upgrade, caller: Caller["Service"]) =>
        Effect.sync(() =>
          server.handleUpgrade(request, socket, head, (webSocket) => {
            const id = accepted++
            // Until somebody reads.
            webSocket.pause()
            const peer = new RpcPeer(webSocket, caller)
            peers.set(id, peer)
            const serving = run(Effect.provideService(serve(id, peer), ConnectionCaller, caller))
            webSocket
              .on("close", () => {
                peers.delete(id)
                Queue.offerUnsafe(disconnects, id)
                run(Effect.andThen(Fiber.interrupt(serving), live.leave(peer)))
                if (closing && peers.size === 0) Deferred.doneUnsafe(gone, Effect.void)
              })
              .on("message", () => note(peer.hear()))
              .on("pong", () => note(peer.hear()))
              .on("ping", (data) => note(peer.pong(data)))
              .on("error", () => {})
          })
        )

      const close = Effect.gen(function* () {
        closing = true
        if (peers.size === 0) return
        for (const peer of peers.values()) peer.close(1001, "The server is shutting down")
        const left = yield* Effect.timeoutOption(Deferred.await(gone), stopPatience)
        if (Option.isNone(left)) for (const peer of peers.values()) peer.terminate()
      })

      yield* Effect.sync(() => {
        for (const peer of peers.values()) note(peer.ping())
      }).pipe(Effect.schedule(Schedule.spaced(heartbeat)), Effect.forkScoped)
      yield* Effect.addFinalizer(() => close)

      return RpcSockets.of({ accept, close })
    })
  ).pipe(Layer.provide(TalkRpcHandlers), Layer.provide(CalledLive))
}
