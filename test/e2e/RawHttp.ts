import { connect, type Socket } from "node:net"

/** What came back over a bare connection; a status of 0 says that nothing did. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const parse = (text: string): RawAnswer => {
  // An interim answer comes before the one that counts.
  const final = text.replace(/^(?:HTTP\/1\.1 1\d\d .*?\r\n\r\n)+/s, "")
  const end = final.indexOf("\r\n\r\n")
  const [start = "", ...lines] = final.slice(0, end === -1 ? undefined : end).split("\r\n")
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(":")
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  return { status: Number(start.split(" ")[1] ?? 0), headers, body: end === -1 ? "" : final.slice(end + 4) }
}

/** The body of an answer that came in chunks. */
const joined = (answer: RawAnswer): RawAnswer => {
  if (answer.headers["transfer-encoding"] !== "chunked") return answer
  let [rest, body] = [answer.body, ""]
  for (;;) {
    const size = Number.parseInt(rest, 16)
    if (Number.isNaN(size) || size === 0) return { ...answer, body }
    const start = rest.indexOf("\r\n") + 2
    body += rest.slice(start, start + size)
    rest = rest.slice(start + size + 2)
  }
}

const isWhole = (text: string): boolean => {
  const { body, headers, status } = parse(text)
  if (status === 0 || !text.includes("\r\n\r\n")) return false
  if (status === 204) return true
  if (headers["content-length"] !== undefined) return Buffer.byteLength(body) >= Number(headers["content-length"])
  return headers["transfer-encoding"] === "chunked" && body.endsWith("0\r\n\r\n")
}

export interface RawOptions {
  /** Closes this side when all is sent. */
  readonly end?: boolean
  /** Waits no longer for an answer, in milliseconds. */
  readonly patience?: number
  /** Goes on sending when the connection stands. */
  readonly more?: (socket: Socket) => void
}

/** Sends bytes as they are, and waits for a whole answer or the end of the connection. */
export const sendRaw = (url: string, bytes: string | Uint8Array, options: RawOptions = {}): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    let text = ""
    const done = () => {
      socket.destroy()
      clearTimeout(timer)
      resolve(joined(parse(text)))
    }
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`no answer to ${String(bytes).slice(0, 80)}, only ${JSON.stringify(text)}`))
    }, options.patience ?? 5000)
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1")
      if (isWhole(text)) done()
    })
    // The server may hang up while this side still sends.
    socket.on("error", done)
    socket.on("close", done)
    socket.write(bytes)
    options.more?.(socket)
    if (options.end === true) socket.end()
  })

/** A request as text, its lines ended as HTTP has it. */
export const request = (start: string, headers: ReadonlyArray<string> = [], body = ""): string =>
  `${[start, ...headers].join("\r\n")}\r\n\r\n${body}`
