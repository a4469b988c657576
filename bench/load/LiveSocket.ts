import { connect, type Socket } from "node:net"

/** A WebSocket that only listens. */
export interface LiveSocket {
  readonly close: () => void
}

export interface LiveSocketOptions {
  readonly url: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Hears each text that arrives but the first. */
  readonly hear: (text: string) => void
  /** Hears that it ended before it was closed here, and why. */
  readonly lost: (why: string) => void
}

const handshake = (path: string, headers: Readonly<Record<string, string>>) =>
  [
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "\r\n"
  ].join("\r\n")

const opcodes = { text: 1, close: 8, ping: 9 }

/** How long a server may take to greet, in milliseconds. */
const patience = 20_000

/** Opens a connection, which is there once the server greets: from then on it tells. Rejects where it is refused. */
export const openLive = ({ headers = {}, hear, lost, path, url }: LiveSocketOptions): Promise<LiveSocket> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port), noDelay: true }, () =>
      socket.write(handshake(path, headers))
    )
    let closing = false
    let isOpen = false
    let isGreeted = false
    let unread: Buffer = Buffer.alloc(0)
    const end = (why: string) => {
      socket.destroy()
      if (closing) return
      closing = true
      if (isGreeted) lost(why)
      else reject(new Error(`the WebSocket ${path.split("?")[0]} could not be opened: ${why}`))
    }
    const close = () => {
      closing = true
      socket.destroy()
    }
    const answered = () => {
      const length = unread.indexOf("\r\n\r\n")
      if (length === -1) return
      const head = unread.toString("latin1", 0, length)
      if (!head.startsWith("HTTP/1.1 101")) return end(head.split("\r\n")[0] ?? "no answer")
      unread = unread.subarray(length + 4)
      isOpen = true
    }
    const heard = (text: string) => {
      if (isGreeted) return hear(text)
      isGreeted = true
      socket.setTimeout(0)
      resolve({ close })
    }
    socket.setTimeout(patience, () => end("no greeting"))
    socket.on("data", (data: Buffer) => {
      unread = unread.length === 0 ? data : Buffer.concat([unread, data])
      if (!isOpen) answered()
      if (isOpen) unread = readFrames(unread, socket, heard, end)
    })
    socket.on("error", ({ message }) => end(message))
    socket.on("close", () => end("the server closed it"))
  })

/** Hears all whole frames, none of which is longer than 64 KiB, and answers what is left. */
const readFrames = (data: Buffer, socket: Socket, hear: (text: string) => void, end: (why: string) => void): Buffer => {
  let at = 0
  while (data.length - at >= 2) {
    const [first = 0, short = 0] = data.subarray(at, at + 2)
    const extended = short === 126
    if (short > 126 || (first & 0x80) === 0) {
      end("a frame that is too long, masked, or a part of a message")
      return Buffer.alloc(0)
    }
    const start = at + (extended ? 4 : 2)
    if (data.length < start) break
    const length = extended ? data.readUInt16BE(at + 2) : short
    if (data.length < start + length) break
    const payload = data.subarray(start, start + length)
    const opcode = first & 0x0f
    if (opcode === opcodes.text) hear(payload.toString("utf8"))
    // Masked with zeros, which leave it as it is. A ping has at most 125 bytes.
    if (opcode === opcodes.ping) socket.write(Buffer.concat([Buffer.from([0x8a, 0x80 | length, 0, 0, 0, 0]), payload]))
    if (opcode === opcodes.close) end(`closed with ${length >= 2 ? payload.readUInt16BE(0) : "no code"}`)
    at = start + length
  }
  return data.subarray(at)
}

/** How many handshakes are under way at once. */
const atOnce = 50

/** Opens many, some at a time, one for each; when one can't be opened, those that are open are closed. */
export const openAll = async (sockets: ReadonlyArray<LiveSocketOptions>): Promise<ReadonlyArray<LiveSocket>> => {
  const open: Array<LiveSocket> = []
  for (let from = 0; from < sockets.length; from += atOnce) {
    const opening = await Promise.allSettled(sockets.slice(from, from + atOnce).map(openLive))
    for (const result of opening) if (result.status === "fulfilled") open.push(result.value)
    const refused = opening.find((result) => result.status === "rejected")
    if (refused !== undefined) {
      open.forEach((socket) => socket.close())
      throw refused.reason
    }
  }
  return open
}
