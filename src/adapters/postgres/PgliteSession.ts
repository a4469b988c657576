import { Duplex } from "node:stream"
import { fatalError, StartupCode } from "./PostgresWire.ts"

/** What a session asks of the hub that it belongs to. */
export interface SessionHost {
  /** The answer to a startup packet. */
  welcome(session: PgliteSession): Buffer
  /** The session has something to run. */
  work(session: PgliteSession): void
  /** The session is gone, whatever it left open. */
  left(session: PgliteSession): void
}

/** Bytes a client may have sent or been sent before it has to wait, and a slice of an answer. */
const highWaterMark = 1024 * 1024
const sliceBytes = 64 * 1024
/** Notifications that nobody reads, in bytes, before the client is cut off. */
const deafBytes = 8 * 1024 * 1024

const code = (type: string) => type.charCodeAt(0)
const parse = code("P")
const simpleQuery = code("Q")
const close = code("C")
const terminate = code("X")
/** Sync, Query and Flush: what comes before them is run together. */
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

/** A client's end of the wire: cuts what it writes into batches for the hub, and hands out what the hub answers. */
export class PgliteSession extends Duplex {
  readonly number: number
  /** Named prepared statements, which outlive the session in the shared backend unless they are closed. */
  readonly statements = new Set<string>()
  /** Whether it ever sent `LISTEN`. */
  listening = false
  readonly #host: SessionHost
  readonly #batches: Array<Buffer> = []
  #batchBytes = 0
  #received: Array<Buffer> = []
  #receivedBytes = 0
  /** How many bytes must be there before it is worth looking at them. */
  #wanted = 8
  #started = false
  #ending = false
  #gone = false
  readonly #answers: Array<Buffer> = []
  #answerBytes = 0
  #reading = false
  #resume: (() => void) | undefined

  constructor(host: SessionHost, number: number) {
    super({ allowHalfOpen: false })
    this.#host = host
    this.number = number
  }

  get hasWork(): boolean {
    return this.#batches.length > 0
  }

  takeBatch(): Buffer | undefined {
    const batch = this.#batches.shift()
    if (batch !== undefined) this.#batchBytes -= batch.length
    this.#admit()
    return batch
  }

  answer(bytes: Buffer): void {
    if (this.destroyed || this.#ending || bytes.length === 0) return
    this.#answers.push(bytes)
    this.#answerBytes += bytes.length
    this.#flow()
  }

  notify(bytes: Buffer): void {
    if (this.#answerBytes > deafBytes) this.destroy(new Error("A listener that does not read was cut off"))
    else this.answer(bytes)
  }

  override _read(): void {
    this.#reading = true
    this.#flow()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (!this.#ending) {
      this.#received.push(chunk)
      this.#receivedBytes += chunk.length
      if (this.#receivedBytes > longestBatch) this.#refuse("54000", "too much without a Sync")
      else if (this.#receivedBytes >= this.#wanted) this.#cut()
    }
    this.#resume = done
    this.#admit()
  }

  override _final(done: () => void): void {
    done()
    this.destroy()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#ending = true
    this.#batches.length = 0
    this.#answers.length = 0
    this.#received = []
    this.#leave()
    done(error)
  }

  /** Takes the next chunk from the client, unless enough of its work or of its answers is waiting. */
  #admit(): void {
    const resume = this.#resume
    if (resume === undefined || this.#batchBytes > highWaterMark || this.#answerBytes > highWaterMark) return
    this.#resume = undefined
    resume()
  }

  /** Hands out answers as fast as they are read: a big result waits as bytes, not as rows. */
  #flow(): void {
    for (let head = this.#answers[0]; this.#reading && head !== undefined; head = this.#answers[0]) {
      const slice = head.subarray(0, sliceBytes)
      if (slice.length === head.length) this.#answers.shift()
      else this.#answers[0] = head.subarray(slice.length)
      this.#answerBytes -= slice.length
      this.#reading = this.push(slice)
    }
    if (this.#ending && this.#answers.length === 0) this.push(null)
    this.#admit()
  }

  #cut(): void {
    let bytes = this.#received.length === 1 ? (this.#received[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#received)
    let from = 0
    let at = 0
    this.#wanted = 0
    while (!this.#ending && this.#wanted === 0) {
      const length = this.#started ? this.#messageLength(bytes, at) : this.#startupLength(bytes, at)
      if (length === undefined) break
      if (at + length > bytes.length) {
        this.#wanted = at + length - from
        break
      }
      if (!this.#started) {
        this.#start(bytes.readInt32BE(at + 4))
        from = at + length
      } else {
        const type = bytes.readUInt8(at)
        if (type === terminate) return void this.destroy()
        if (type === parse || type === simpleQuery) bytes = this.#inspect(bytes, at, at + length)
        if (type === close) this.#forget(bytes, at)
        if (batchEnds.has(type)) {
          this.#submit(bytes.subarray(from, at + length))
          from = at + length
        }
      }
      at += length
    }
    const rest = bytes.subarray(from)
    this.#received = rest.length === 0 || this.#ending ? [] : [rest]
    this.#receivedBytes = this.#ending ? 0 : rest.length
    if (this.#wanted === 0) this.#wanted = this.#receivedBytes + 1
  }

  /** Length of the message at `at` with its type, or undefined when its head is not there yet or is wrong. */
  #messageLength(bytes: Buffer, at: number): number | undefined {
    if (bytes.length - at < 5) return undefined
    const most = longest.get(bytes.readUInt8(at))
    const length = bytes.readInt32BE(at + 1)
    if (most !== undefined && length >= 4 && length <= most) return 1 + length
    this.#refuse("08P01", "invalid or unsupported message")
    return undefined
  }

  #startupLength(bytes: Buffer, at: number): number | undefined {
    if (bytes.length - at < 8) return undefined
    const length = bytes.readInt32BE(at)
    if (length >= 8 && length <= longestStartup) return length
    this.#refuse("08P01", "invalid length of startup packet")
    return undefined
  }

  #start(version: number): void {
    if (version === StartupCode.ssl || version === StartupCode.gss) return this.answer(Buffer.from("N"))
    // A query runs to its end within one turn of the event loop: there is never one to cancel.
    if (version === StartupCode.cancel) return void this.destroy()
    if (version >> 16 !== 3) return this.#refuse("0A000", "unsupported frontend protocol")
    this.#started = true
    this.answer(this.#host.welcome(this))
  }

  #submit(batch: Buffer): void {
    this.#batches.push(batch)
    this.#batchBytes += batch.length
    this.#host.work(this)
  }

  /** Looks at the SQL of a Parse or Query message for what sessions on one backend cannot do as usual. */
  #inspect(bytes: Buffer, start: number, end: number): Buffer {
    let sqlAt = start + 5
    if (bytes.readUInt8(start) === parse) {
      sqlAt = bytes.indexOf(0, sqlAt) + 1
      if (sqlAt > start + 6) this.statements.add(bytes.toString("latin1", start + 5, sqlAt - 1))
    }
    const sql = bytes.toString("latin1", sqlAt, end)
    if (/^\s*LISTEN\b/i.test(sql)) this.listening = true
    // The backend would wait for data in the middle of its turn, find none and exit.
    if (/\bCOPY\b[^;]*\bFROM\s+STDIN\b/i.test(sql)) this.#refuse("0A000", "COPY FROM STDIN is not supported here")
    if (!sql.startsWith("UNLISTEN ")) return bytes
    // The backend is one listener for all sessions: one that stops listening must not make the others deaf. It becomes
    // a LISTEN of the same length, to a channel that is listened to already.
    const changed = Buffer.from(bytes)
    changed.write("  LISTEN ", sqlAt, "latin1")
    return changed
  }

  #forget(bytes: Buffer, start: number): void {
    if (bytes.readUInt8(start + 5) !== code("S")) return
    this.statements.delete(bytes.toString("latin1", start + 6, bytes.indexOf(0, start + 6)))
  }

  /** Says why and hangs up; what was sent before and has not run yet never will. */
  #refuse(sqlState: string, reason: string): void {
    this.answer(fatalError(sqlState, reason))
    this.#ending = true
    this.#batches.length = 0
    this.#batchBytes = 0
    this.#leave()
    this.#flow()
  }

  #leave(): void {
    if (this.#gone) return
    this.#gone = true
    this.#host.left(this)
  }
}
