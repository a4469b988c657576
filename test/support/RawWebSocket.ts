import { randomBytes } from "node:crypto"
import { connect, type Socket } from "node:net"

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export interface Frame {
  readonly opcode: number
  readonly payload: Buffer
}

export interface FrameOptions {
  /** Whether it is the last of its message. */
  readonly final?: boolean
  /** Clients have to. */
  readonly masked?: boolean
  /** The three bits that no extension has asked for. */
  readonly reserved?: number
}

/** A frame as RFC 6455, 5.2 has it, or as it must not be. */
export const frame = (
  opcode: number,
  payload: Uint8Array | string = "",
  { final = true, masked = true, reserved = 0 }: FrameOptions = {}
): Buffer => {
  const data = Buffer.from(payload)
  const head = [(final ? 0x80 : 0) | (reserved << 4) | opcode]
  const mask = masked ? 0x80 : 0
  if (data.length < 126) head.push(mask | data.length)
  else if (data.length < 65_536) head.push(mask | 126, data.length >> 8, data.length & 0xff)
  else head.push(mask | 127, 0, 0, 0, 0, ...Buffer.from(Uint32Array.of(data.length).buffer).reverse())
  if (!masked) return Buffer.concat([Buffer.from(head), data])
  const key = randomBytes(4)
  return Buffer.concat([Buffer.from(head), key, data.map((byte, index) => byte ^ (key[index % 4] ?? 0))])
}

/** The first whole frame of a server, and what comes after it. */
const parse = (bytes: Buffer): readonly [Frame, Buffer] | undefined => {
  const [first, second] = bytes
  if (first === undefined || second === undefined) return undefined
  const short = second & 0x7f
  const start = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < start) return undefined
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  if (bytes.length < start + length) return undefined
  return [{ opcode: first & 0x0f, payload: bytes.subarray(start, start + length) }, bytes.subarray(start + length)]
}

const handshake = (path: string, headers: Readonly<Record<string, string>>) =>
  [
    `GET ${path} HTTP/1.1`,
    ...Object.entries({
      Host: "localhost",
      Upgrade: "websocket",
      Connection: "Upgrade",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
      ...headers
    }).map(([name, value]) => `${name}: ${value}`),
    "\r\n"
  ].join("\r\n")

/** A client without manners: it does with its connection what a test wants, and nothing by itself. */
export class RawWebSocket {
  readonly socket: Socket
  /** What the server answered to the handshake, as text. */
  answer = ""
  readonly frames: Array<Frame> = []
  closed = false
  /** In the order they came in, read out by {@link next}. */
  #bytes: Buffer = Buffer.alloc(0)

  constructor(
    url: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    behind: Buffer = Buffer.alloc(0)
  ) {
    const { hostname, port } = new URL(url)
    this.socket = connect({ host: hostname, port: Number(port), noDelay: true })
    this.socket
      .on("data", (chunk: Buffer) => this.#read(chunk))
      .on("error", () => {})
      .on("close", () => {
        this.closed = true
      })
    // In one piece: what comes behind the request is there before the server has answered.
    this.socket.write(Buffer.concat([Buffer.from(handshake(path, headers)), behind]))
  }

  get status(): number {
    return Number(this.answer.split(" ")[1] ?? 0)
  }

  /** What it was sent as text. */
  get messages(): ReadonlyArray<Record<string, unknown>> {
    return this.frames
      .filter(({ opcode }) => opcode === opcodes.text)
      .map(({ payload }) => JSON.parse(payload.toString()) as Record<string, unknown>)
  }

  count(opcode: number): number {
    return this.frames.filter((frame) => frame.opcode === opcode).length
  }

  /** The code of the server's closing handshake, if there was one. */
  get closeCode(): number | undefined {
    const payload = this.frames.find(({ opcode }) => opcode === opcodes.close)?.payload
    return payload === undefined ? undefined : payload.length < 2 ? 1005 : payload.readUInt16BE(0)
  }

  send(...frames: ReadonlyArray<Buffer>): boolean {
    return this.socket.write(Buffer.concat(frames))
  }

  #read(chunk: Buffer) {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    if (this.answer === "") {
      const end = this.#bytes.indexOf("\r\n\r\n")
      if (end === -1) return
      this.answer = this.#bytes.toString("latin1", 0, end + 4)
      if (!this.answer.startsWith("HTTP/1.1 101")) return
      this.#bytes = this.#bytes.subarray(end + 4)
    }
    if (!this.answer.startsWith("HTTP/1.1 101")) return
    for (let parsed = parse(this.#bytes); parsed !== undefined; parsed = parse(this.#bytes)) {
      this.frames.push(parsed[0])
      this.#bytes = parsed[1]
    }
  }

  /** The body of a refusal, as far as it has come. */
  get body(): string {
    return this.#bytes.toString("utf8", this.answer.length)
  }
}
