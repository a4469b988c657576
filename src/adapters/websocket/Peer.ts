import { Effect } from "effect"
import { WebSocket } from "ws"
import type { Ending, Listener } from "../../application/notifications/Listener.ts"
import type { LiveEvent } from "../../application/notifications/LiveEvent.ts"
import { countDrop, type Drop } from "../../application/notifications/LiveMetrics.ts"
import type { Session } from "../../domain/accounts/Session.ts"
import type { Topic } from "../../domain/notifications/Notification.ts"
import { addressBookEvent } from "./AddressBookEvents.ts"
import { talkEvent } from "./TalkEvents.ts"

/** Bytes that wait for a client to read them: more than a log that is read from its beginning takes. */
export const mostUnread = 256 * 1024

/** Pings that may go unanswered. */
const mostSilence = 2

/** Frames between two pings. A client has nothing to say; some send a word now and then to keep a connection alive. */
export const mostFrames = 1000

/** What sockets are closed with: the codes above 4000 are this API's own, and made of HTTP's. */
const closings: Record<Ending, readonly [code: number, reason: string]> = {
  SessionEnded: [4401, "The session has ended"],
  Replaced: [4429, "Too many connections of this account"],
  Unavailable: [1013, "Try again later"]
}

const encoders: Record<Topic, (event: LiveEvent) => object | undefined> = {
  talk: talkEvent,
  addressBook: addressBookEvent
}

/** A client at the other end of a WebSocket. What it does wrong ends the connection, and is answered for metrics. */
export class Peer implements Listener {
  readonly session: Session
  readonly topic: Topic
  readonly #socket: WebSocket
  #unanswered = 0
  #frames = 0

  constructor(socket: WebSocket, session: Session, topic: Topic) {
    this.#socket = socket
    this.session = session
    this.topic = topic
  }

  tell(event: LiveEvent): Effect.Effect<boolean> {
    return Effect.suspend(() => {
      if (this.#socket.readyState !== WebSocket.OPEN) return Effect.succeed(false)
      if (!this.#reads) return Effect.as(countDrop(this.#drop("slow")), false)
      const message = encoders[this.topic](event)
      if (message !== undefined) this.#socket.send(JSON.stringify(message))
      return Effect.succeed(true)
    })
  }

  end(why: Ending): Effect.Effect<void> {
    return Effect.sync(() => this.close(...closings[why]))
  }

  /** Who does not answer the closing handshake is cut off by the server that the socket came from. */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  /** It sent something, whatever that was. */
  hear(): Drop | undefined {
    this.#unanswered = 0
    this.#frames += 1
    return this.#frames > mostFrames ? this.#drop("noisy") : undefined
  }

  /** It sent a ping: what answers it must be read, too. */
  pong(data: Buffer): Drop | undefined {
    if (!this.#reads) return this.#drop("slow")
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.pong(data)
    return this.hear()
  }

  /** Asks whether it is still there. */
  ping(): Drop | undefined {
    if (this.#unanswered >= mostSilence) return this.#drop("silent")
    this.#unanswered += 1
    this.#frames = 0
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping()
    return undefined
  }

  get #reads(): boolean {
    return this.#socket.bufferedAmount <= mostUnread
  }

  /** Nothing that could be said would be read. */
  #drop(reason: Drop): Drop {
    this.#socket.terminate()
    return reason
  }
}
