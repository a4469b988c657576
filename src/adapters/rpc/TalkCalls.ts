import { Effect, Redacted, Schedule, Stream } from "effect"
import { RpcClient, RpcClientError, RpcSerialization } from "effect/rpc"
import { Socket } from "effect/socket"
import { SessionEnded } from "../../domain/accounts/Session.ts"
import type { Since } from "./RpcSchemas.ts"
import { NotificationsEnded, TalkRpcs } from "./TalkRpcs.ts"

// The side of the client.

/** What the WebSocket of calls is opened with: what browsers and Node have by themselves. */
export const webSockets = Socket.layerWebSocketConstructorGlobal

export interface CallOptions {
  /** Where the server is reached, such as `https://rookery.example`. */
  readonly url: string
  /** The access token of a sign-in, asked for whenever a connection is opened. */
  readonly token: Redacted.Redacted<string> | Effect.Effect<Redacted.Redacted<string>>
}

const endsSession = ({ reason }: { readonly reason: { readonly _tag: string; readonly code?: number } }): boolean =>
  reason._tag === "SocketCloseError" && reason.code === 4401

/** Whether a call failed since the session has ended: nothing can be asked by that token any more. */
export const isSessionOver = (error: unknown): boolean =>
  error instanceof SessionEnded || (error instanceof RpcClientError.RpcClientError && endsSession(error))

/** At most every 5 seconds, and not all clients at once. */
const patience = Schedule.min([Schedule.exponential("250 millis", 1.5), Schedule.spaced("5 seconds")]).pipe(
  Schedule.jittered
)
const redial = patience.pipe(Schedule.while(({ input }: { readonly input: Socket.SocketError }) => !endsSession(input)))

const socketOf = Effect.fnUntraced(function* ({ token, url }: CallOptions) {
  const open = yield* Socket.WebSocketConstructor
  const address = `${url.replace(/^http/, "ws").replace(/\/$/, "")}/rpc`
  return yield* Socket.fromWebSocket(
    Effect.acquireRelease(
      Effect.map(Effect.isEffect(token) ? token : Effect.succeed(token), (token) =>
        open(address, ["bearer", Redacted.value(token)])
      ),
      (webSocket) => Effect.sync(() => webSocket.close(1000))
    )
  )
})

/**
 * Calls over one WebSocket, until the scope closes. A connection that is lost is opened anew, with the token as it is then:
 * calls that were under way fail with an `RpcClientError`, and so do those that are made meanwhile; none is repeated by
 * itself. When the session has ended, nothing is opened any more.
 */
export const talkCalls = Effect.fnUntraced(function* (options: CallOptions) {
  const protocol = yield* RpcClient.makeProtocolSocket({ retryPolicy: redial }).pipe(
    Effect.provideService(Socket.Socket, yield* socketOf(options)),
    Effect.provideService(RpcSerialization.RpcSerialization, RpcSerialization.json)
  )
  return yield* RpcClient.make(TalkRpcs).pipe(Effect.provideService(RpcClient.Protocol, protocol))
})

export type TalkCalls = Effect.Success<ReturnType<typeof talkCalls>>

const mayComeBack = (error: unknown): boolean =>
  !isSessionOver(error) && !(error instanceof NotificationsEnded && error.reason === "Replaced")

const followAgain = patience.pipe(Schedule.while(({ input }) => mayComeBack(input)))

/**
 * What the account is told, without a gap over connections that are lost. Fails when the session is over, or this was one
 * listener too many. A `Connected` whose `resumed` is false says that more was missed than is kept.
 */
export const following = ({ notifications }: TalkCalls, since?: Since) =>
  Stream.suspend(() => {
    let last = since
    return Stream.suspend(() => notifications(last === undefined ? {} : { since: last })).pipe(
      Stream.tap((told) =>
        Effect.sync(() => {
          if (told._tag !== "Connected") last = told.id
          else if (told.resumed !== true) last = told.newest
        })
      ),
      Stream.retry(followAgain)
    )
  })
