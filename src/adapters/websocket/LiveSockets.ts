import { Context, Deferred, Duration, Effect, FiberSet, Layer, Option, Schedule } from "effect"
import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import { type WebSocket, WebSocketServer } from "ws"
import { LiveNotifications } from "../../application/notifications/LiveNotifications.ts"
import { countDrop, type Drop } from "../../application/notifications/LiveMetrics.ts"
import type { Since } from "../../application/notifications/Since.ts"
import type { Session } from "../../domain/accounts/Session.ts"
import type { Topic } from "../../domain/notifications/Notification.ts"
import { Peer } from "./Peer.ts"

/** A connection whose client asks to speak WebSocket on it, and what came over it behind the request. */
export interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

/** Whose connection it is, and what they want to be told. */
export interface Client {
  readonly session: Session
  readonly topic: Topic
  readonly since: Since | undefined
}

/** Nobody is pinged more often. The clients are spread over it, so that the server has as much to do in each second. */
const heartbeat = Duration.seconds(30)
const turns = 30

/** What a client sends is ignored; it should not take much memory, either. In bytes, and frames of one message. */
const maxPayload = 4096
const maxFragments = 64

/** How long a client may take to answer the closing handshake; and all of them together, when the server stops. */
const closePatience = Duration.seconds(5)
const stopPatience = Duration.seconds(1)

/**
 * The sockets of this instance. Each takes a few kilobytes: that is why they are `ws`'s own, without a fiber, a queue or
 * what is left of the request. See docs/adr/0017-sockets-beside-the-framework.md.
 */
export class LiveSockets extends Context.Service<
  LiveSockets,
  {
    /** False once the server is stopping. */
    readonly open: Effect.Effect<boolean>
    /** Answers the handshake. Whoever asks has to have looked at it; what is wrong with it gets an empty answer here. */
    accept(upgrade: Upgrade, client: Client): Effect.Effect<void>
    /** Takes no more, and closes all with 1001; within a second, whatever the clients do. */
    readonly close: Effect.Effect<void>
  }
>()("rookery/adapters/websocket/LiveSockets") {
  static readonly layer = Layer.effect(
    LiveSockets,
    Effect.gen(function* () {
      const live = yield* LiveNotifications
      const run = yield* FiberSet.makeRuntime<never>()
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
      const server = new WebSocketServer(options)
      const beats = Array.from({ length: turns }, () => new Set<Peer>())
      const peers = () => beats.flatMap((beat) => [...beat])
      const closed = yield* Deferred.make<void>()
      let closing = false
      let accepted = 0

      const note = (drop: Drop | undefined) => {
        if (drop !== undefined) run(countDrop(drop))
      }

      // A function of its own: from within accept, its listeners would keep the request for as long as the socket lasts.
      const welcome = (webSocket: WebSocket, peer: Peer) => {
        const beat = beats[accepted % turns]?.add(peer)
        accepted += 1
        webSocket
          .on("close", () => {
            beat?.delete(peer)
            run(live.leave(peer))
            if (closing && peers().length === 0) Deferred.doneUnsafe(closed, Effect.void)
          })
          .on("message", () => note(peer.hear()))
          .on("pong", () => note(peer.hear()))
          .on("ping", (data) => note(peer.pong(data)))
          // What was wrong is in the code that the socket is closed with.
          .on("error", () => {})
      }

      const accept = ({ head, request, socket }: Upgrade, { session, since, topic }: Client) =>
        Effect.sync(() =>
          server.handleUpgrade(request, socket, head, (webSocket) => {
            const peer = new Peer(webSocket, session, topic)
            welcome(webSocket, peer)
            run(live.join(peer, since))
          })
        )

      const close = Effect.gen(function* () {
        closing = true
        if (peers().length === 0) return
        for (const peer of peers()) peer.close(1001, "The server is shutting down")
        const left = yield* Effect.timeoutOption(Deferred.await(closed), stopPatience)
        if (Option.isNone(left)) peers().forEach((peer) => peer.terminate())
      })

      let turn = 0
      yield* Effect.sync(() => {
        for (const peer of beats[turn % turns] ?? []) note(peer.ping())
        turn += 1
      }).pipe(Effect.schedule(Schedule.spaced(Duration.divideUnsafe(heartbeat, turns))), Effect.forkScoped)
      yield* Effect.addFinalizer(() => close)

      return LiveSockets.of({ open: Effect.sync(() => !closing), accept, close })
    })
  )
}
