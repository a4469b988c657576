import { StartupCode } from "./PostgresWire.ts"

/** Who acts on what a client says. */
export interface FrontendHandler {
  /** Wants to know whether the wire can be encrypted. */
  encryption(): void
  start(): void
  /** Whole messages to run together: up to Sync, Query or Flush. */
  batch(bytes: Buffer): void
  /** Said what must not reach the backend, or what nobody understands. */
  refuse(sqlState: string, reason: string): void
  /** Has gone, or wants a query cancelled: one runs to its end within a turn of the event loop, so there is none. */
  hangUp(): void
}

const code = (type: string) => type.charCodeAt(0)
const parse = code("P")
const simpleQuery = code("Q")
const close = code("C")
const batchEnds = new Set([code("S"), simpleQuery, code("H")])
/**
 * The longest message of each type that the backend reads, as PostgreSQL's own `SocketBackend` has it. Anything else is
 * a protocol violation, over which a backend exits: here that would be the whole database.
 */
const longest = new Map([
  ...["P", "B", "Q"].map((type) => [code(type), 64 * 1024 * 1024] as const),
  ...["C", "D", "E", "H", "S", "X"].map((type) => [code(type), 10_000] as const)
])
const longestStartup = 10_000
const longestBatch = 128 * 1024 * 1024
const headOfStartup = 8
const headOfMessage = 5

/** Cuts a client's bytes into batches for the backend, and keeps from it what it would die of. */
export class FrontendReader {
  /** Named statements, which outlive the session in a shared backend unless they are closed. */
  readonly statements = new Set<string>()
  /** Whether it ever sent `LISTEN`. */
  listening = false
  readonly #handler: FrontendHandler
  #received: Array<Buffer> = []
  #size = 0
  /** How many bytes must be there before it is worth looking at them. */
  #wanted = headOfStartup
  #started = false
  #stopped = false

  constructor(handler: FrontendHandler) {
    this.#handler = handler
  }

  push(chunk: Buffer): void {
    if (this.#stopped) return
    this.#received.push(chunk)
    this.#size += chunk.length
    if (this.#size > longestBatch) this.#refuse("54000", "too much without a Sync")
    else if (this.#size >= this.#wanted) this.#cut(this.#received.length === 1 ? chunk : Buffer.concat(this.#received))
  }

  /** Nothing is read any more. */
  stop(): void {
    this.#stopped = true
    this.#received = []
  }

  #cut(received: Buffer): void {
    let bytes = received
    let from = 0
    let at = 0
    let wanted = 0
    while (!this.#stopped) {
      const head = this.#started ? headOfMessage : headOfStartup
      const end = bytes.length - at < head ? at + head : at + (this.#started ? messageLength : startupLength)(bytes, at)
      if (Number.isNaN(end)) return this.#refuse("08P01", "invalid or unsupported message")
      if (end > bytes.length) {
        wanted = end - from
        break
      }
      if (this.#started) bytes = this.#inspect(bytes, at, end)
      else this.#start(bytes.readInt32BE(at + 4))
      if (!this.#started || head === headOfStartup) from = end
      else if (!this.#stopped && batchEnds.has(bytes.readUInt8(at))) {
        this.#handler.batch(bytes.subarray(from, end))
        from = end
      }
      at = end
    }
    if (this.#stopped) return
    const rest = bytes.subarray(from)
    this.#received = rest.length === 0 ? [] : [rest]
    this.#size = rest.length
    this.#wanted = wanted
  }

  #start(version: number): void {
    if (version === StartupCode.ssl || version === StartupCode.gss) return this.#handler.encryption()
    if (version === StartupCode.cancel) return this.#hangUp()
    if (version >> 16 !== 3) return this.#refuse("0A000", "unsupported frontend protocol")
    this.#started = true
    this.#handler.start()
  }

  /** Looks for what sessions that share a backend cannot do as usual. */
  #inspect(bytes: Buffer, start: number, end: number): Buffer {
    const body = start + headOfMessage
    switch (bytes.readUInt8(start)) {
      case code("X"):
        this.#hangUp()
        return bytes
      case close:
        if (bytes.readUInt8(body) === code("S")) this.statements.delete(bytes.toString("latin1", body + 1, end - 1))
        return bytes
      case simpleQuery:
        return this.#inspectSql(bytes, body, end)
      case parse: {
        const sqlAt = bytes.indexOf(0, body) + 1
        if (sqlAt > body + 1) this.statements.add(bytes.toString("latin1", body, sqlAt - 1))
        return this.#inspectSql(bytes, sqlAt, end)
      }
      default:
        return bytes
    }
  }

  #inspectSql(bytes: Buffer, start: number, end: number): Buffer {
    const sql = bytes.toString("latin1", start, end)
    if (/\bLISTEN\b/i.test(sql)) this.listening = true
    // The backend would wait for data in the middle of its turn, find none and exit.
    if (/\bSTDIN\b/i.test(sql) && /\bCOPY\b/i.test(sql)) this.#refuse("0A000", "COPY FROM STDIN is not supported here")
    const prefix = /^\s*UN(?=LISTEN\b)/i.exec(sql)
    if (prefix === null) return bytes
    // The backend is one listener for all sessions: one that stops listening must not make the others deaf. It becomes
    // a LISTEN of the same length, to a channel that is listened to already.
    const changed = Buffer.from(bytes)
    changed.fill(" ", start, start + prefix[0].length)
    return changed
  }

  #refuse(sqlState: string, reason: string): void {
    this.stop()
    this.#handler.refuse(sqlState, reason)
  }

  #hangUp(): void {
    this.stop()
    this.#handler.hangUp()
  }
}

/** The length of a message with its type, or NaN when there is no such message. */
const messageLength = (bytes: Buffer, at: number): number => {
  const length = bytes.readInt32BE(at + 1)
  const most = longest.get(bytes.readUInt8(at))
  return most !== undefined && length >= 4 && length <= most ? 1 + length : Number.NaN
}

const startupLength = (bytes: Buffer, at: number): number => {
  const length = bytes.readInt32BE(at)
  return length >= headOfStartup && length <= longestStartup ? length : Number.NaN
}
