import { Effect, Semaphore } from "effect"
import { WebSocket } from "ws"
import type { Ending, Listener } from "../../application/notifications/Listener.ts"
import type { Drop } from "../../application/notifications/LiveMetrics.ts"
import type { Session } from "../../domain/accounts/Session.ts"
import type { Caller } from "./Caller.ts"

/** Calls that are worked on at once; what comes meanwhile is left in the connection. A stream is none of them. */
const mostCalls = 4
export const mostStreams = 8

/** Bytes of control frames that wait for the client to read; answers wait themselves. */
const mostUnread = 256 * 1024

/** Pings that may go unanswered, and frames between two of them. */
const mostSilence = 2
export const mostFrames = 1000

/** As those of the other WebSockets: the codes above 4000 are made of HTTP's. */
const closings: Record<Ending, readonly [code: number, reason: string]> = {
  SessionEnded: [4401, "The session has ended"],
  Replaced: [4429, "Too many connections of this account"],
  Unavailable: [1013, "Try again later"]
}

type CallId = number | string

/** A client at the other end of a WebSocket that calls come over. */
export class RpcPeer implements Listener {
  readonly topic = "talk"
  readonly silent = true
  readonly caller: Caller["Service"]
  readonly socket: WebSocket
  readonly #turns = Semaphore.makeUnsafe(mostCalls)
  readonly #calls = new Set<CallId>()
  readonly #streams = new Set<CallId>()
  #unanswered = 0
  #frames = 0

  constructor(socket: WebSocket, caller: Caller["Service"]) {
    this.socket = socket
    this.caller = caller
  }

  get session(): Session {
    return this.caller.session
  }

  /** Whether what it says still counts. */
  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN
  }

  readonly tell = () => Effect.succeed(true)
  readonly end = (why: Ending) => Effect.sync(() => this.close(...closings[why]))

  /** Waits for its turn. False where there is a call of that id, or one stream too many. */
  begin(id: CallId, isStream: boolean): Effect.Effect<boolean> {
    return Effect.suspend(() => {
      if (this.#calls.has(id) || this.#streams.has(id)) return Effect.succeed(false)
      if (isStream) {
        this.#streams.add(id)
        return Effect.succeed(this.#streams.size <= mostStreams)
      }
      return Effect.as(
        Effect.tap(this.#turns.take(1), () => Effect.sync(() => this.#calls.add(id))),
        true
      )
    })
  }

  /** The call has been answered. */
  settle(id: CallId): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#streams.delete(id)
      return this.#calls.delete(id) ? Effect.asVoid(this.#turns.release(1)) : Effect.void
    })
  }

  /** Returns when it is on its way: who sends waits for a client that does not read. */
  send(text: string): Effect.Effect<void> {
    return Effect.callback((resume) => {
      if (!this.isOpen) return resume(Effect.void)
      this.socket.send(text, () => resume(Effect.void))
    })
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason)
  }

  terminate(): void {
    this.socket.terminate()
  }

  /** It sent something, whatever that was. */
  hear(): Drop | undefined {
    this.#unanswered = 0
    this.#frames += 1
    return this.#frames > mostFrames ? this.#drop("noisy") : undefined
  }

  pong(data: Buffer): Drop | undefined {
    if (this.socket.bufferedAmount > mostUnread) return this.#drop("slow")
    if (this.isOpen) this.socket.pong(data)
    return this.hear()
  }

  /** Asks whether it is still there. */
  ping(): Drop | undefined {
    if (this.#unanswered >= mostSilence) return this.#drop("silent")
    this.#unanswered += 1
    this.#frames = 0
    if (this.isOpen) this.socket.ping()
    return undefined
  }

  #drop(reason: Drop): Drop {
    this.socket.terminate()
    return reason
  }
}
