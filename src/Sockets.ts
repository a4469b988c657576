import { Effect, Layer } from "effect"
import { CallServer } from "./adapters/http/CallServer.ts"
import { SocketServer } from "./adapters/http/SocketServer.ts"
import { RpcSockets } from "./adapters/rpc/RpcSockets.ts"
import { LiveSockets } from "./adapters/websocket/LiveSockets.ts"

/** Connections come from the HTTP server, and are spoken to by the adapters of what is spoken on them. */
export const Sockets = Layer.mergeAll(
  Layer.effect(
    SocketServer,
    Effect.gen(function* () {
      const live = yield* LiveSockets
      const calls = yield* RpcSockets
      const close = Effect.all([live.close, calls.close], { concurrency: "unbounded", discard: true })
      return SocketServer.of({ ...live, close })
    })
  ),
  Layer.effect(
    CallServer,
    Effect.map(RpcSockets, ({ accept }) => CallServer.of({ accept }))
  )
).pipe(Layer.provide([LiveSockets.layer, RpcSockets.layer]))
