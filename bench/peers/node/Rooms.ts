import { WebSocket } from "ws"

/** Of each account and topic, as Rookery has it: one more closes the oldest. */
const mostSockets = 20
/** Bytes that wait for a client to read them. */
const mostUnread = 256 * 1024
const heartbeatMillis = 30_000

/** For `ws`: nothing is compressed, and clients have little to say. */
export const socketOptions = { maxPayload: 4096, perMessageDeflate: false } as const

/** The sockets of one topic, by account. */
export class Rooms {
  readonly #rooms = new Map<number, Set<WebSocket>>()
  readonly #silent = new WeakSet<WebSocket>()

  constructor() {
    setInterval(() => this.#beat(), heartbeatMillis).unref()
  }

  join(account: number, socket: WebSocket): void {
    const room = this.#rooms.get(account) ?? new Set()
    this.#rooms.set(account, room.add(socket))
    const [oldest] = room
    if (room.size > mostSockets) oldest?.close(4429, "Too many connections of this account")
    socket
      .on("pong", () => this.#silent.delete(socket))
      .on("error", () => socket.terminate())
      .on("close", () => {
        room.delete(socket)
        if (room.size === 0 && this.#rooms.get(account) === room) this.#rooms.delete(account)
      })
  }

  /** Whether somebody was there to be told. The event is encoded once for all. */
  tell(account: number, event: object): boolean {
    const room = this.#rooms.get(account)
    if (room === undefined) return false
    const message = Buffer.from(JSON.stringify(event))
    let told = false
    for (const socket of room) {
      if (socket.readyState !== WebSocket.OPEN) continue
      if (socket.bufferedAmount > mostUnread) {
        socket.terminate()
        continue
      }
      socket.send(message, { binary: false })
      told = true
    }
    return told
  }

  #beat(): void {
    for (const socket of [...this.#rooms.values()].flatMap((room) => [...room])) {
      if (this.#silent.has(socket)) socket.terminate()
      else {
        this.#silent.add(socket)
        socket.ping()
      }
    }
  }
}
