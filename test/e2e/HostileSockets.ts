import { createHash } from "node:crypto"
import { connect } from "node:net"
import { frame, opcodes, RawWebSocket } from "../support/RawWebSocket.ts"

/** Bytes that look like chance and are the same each time. */
const noise = (seed: number, length: number): Buffer =>
  Buffer.concat(
    Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
      createHash("sha256").update(`${seed} ${index}`).digest()
    )
  ).subarray(0, length)

const fragments = (count: number) => [
  frame(opcodes.text, "x", { final: false }),
  ...Array.from({ length: count }, () => frame(opcodes.continuation, "x", { final: false }))
]

/** Frames that no client should send, and some that are only unusual. */
export const hostileFrames: ReadonlyArray<ReadonlyArray<Buffer>> = [
  [frame(opcodes.binary, noise(1, 4096))],
  [frame(opcodes.binary, noise(2, 1_000_000))],
  [Buffer.from([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]), noise(3, 100_000)],
  fragments(20),
  fragments(5000),
  [frame(opcodes.text, Buffer.from([0xc3, 0x28]))],
  [frame(opcodes.text, "hello", { masked: false })],
  [frame(opcodes.text, "hello", { reserved: 7 })],
  [frame(opcodes.continuation, "of nothing")],
  [frame(opcodes.ping, noise(4, 126))],
  Array.from({ length: 3000 }, () => frame(opcodes.ping, noise(5, 125))),
  Array.from({ length: 3000 }, () => frame(opcodes.text, "noise")),
  [frame(opcodes.close)],
  [frame(opcodes.close, Buffer.from([0x03]))],
  ...[0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535].map((code) => [
    frame(opcodes.close, Buffer.from([code >> 8, code & 0xff]))
  ]),
  [frame(opcodes.close, Buffer.concat([Buffer.from([0x03, 0xe8]), Buffer.from([0xff, 0xfe])]))],
  [frame(opcodes.close), frame(opcodes.text, "after the end"), frame(opcodes.close)],
  ...Array.from({ length: 10 }, (_, seed) => [noise(seed, 40 + seed * 111)])
]

const endings: ReadonlyArray<(client: RawWebSocket) => unknown> = [
  () => {},
  ({ socket }) => socket.end(),
  ({ socket }) => socket.resetAndDestroy(),
  ({ socket }) => socket.pause()
]

/** Sends them once it is connected, or right behind the handshake; whole, or cut anywhere. Then it goes, or does not. */
export const attack = (url: string, path: string, frames: ReadonlyArray<Buffer>, turn: number): RawWebSocket => {
  const sent = Buffer.concat(frames)
  const end = endings[turn % endings.length] ?? (() => {})
  if (turn % 3 === 0) {
    const client = new RawWebSocket(url, path, {}, sent)
    client.socket.once("data", () => end(client))
    return client
  }
  const client = new RawWebSocket(url, path)
  client.socket.once("data", () => {
    const cut = turn % 3 === 1 ? sent.length : 1 + ((turn * 7919) % sent.length)
    client.send(sent.subarray(0, cut))
    setTimeout(() => {
      if (cut < sent.length && !client.closed) client.send(sent.subarray(cut))
      end(client)
    }, 20)
  })
  return client
}

/** Handshakes that are none, or never end. */
export const brokenHandshakes = (path: string): ReadonlyArray<string> => {
  const head = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
  return [
    head,
    head.slice(0, 30),
    `${head}\r\n`,
    `${head}Sec-WebSocket-Version: 13\r\n\r\n`,
    `${head}Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    `${head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${"x".repeat(8000)}\r\n\r\n`,
    `${head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: 5\r\n\r\nhello`,
    `${head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
    `${head.replace("GET", "POST")}Content-Length: 100000\r\n\r\n`,
    `${head.replace(path, "/contacts")}\r\n`,
    `${head.replace(path, "/nothing")}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    `${head.replace("websocket", "h2c")}\r\n`,
    "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001",
    "\r\n".repeat(1000)
  ]
}

/** A connection over which these bytes go, and nothing else. */
export const sendBytes = (url: string, bytes: string) => {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.on("error", () => {}).on("data", () => {})
  socket.write(bytes, "latin1")
  return socket
}
