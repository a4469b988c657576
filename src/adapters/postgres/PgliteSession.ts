import { Duplex } from "node:stream"
import { type FrontendHandler, FrontendReader } from "./FrontendReader.ts"
import { fatalError } from "./PostgresWire.ts"

/** What a session asks of the hub that it belongs to. */
export interface SessionHost {
  /** The answer to a startup packet. */
  welcome(session: PgliteSession): Buffer
  /** The session has something to run. */
  work(session: PgliteSession): void
  /** The session is gone, whatever it left open. */
  left(session: PgliteSession): void
}

/** Bytes that a client may have sent, or not read, before it has to wait. */
const highWaterMark = 1024 * 1024
/** What is handed out of an answer at once, in bytes. */
const sliceBytes = 64 * 1024
/** Bytes that a client may leave unread while it is sent notifications, before it is cut off. */
const deafBytes = 8 * 1024 * 1024

/** A client's end of the wire: its batches wait here for their turns, and the answers until they are read. */
export class PgliteSession extends Duplex implements FrontendHandler {
  readonly number: number
  readonly #host: SessionHost
  readonly #reader = new FrontendReader(this)
  readonly #batches: Array<Buffer> = []
  #batchBytes = 0
  /** Asks for the next chunk of the client. */
  #resume: (() => void) | undefined
  readonly #answers: Array<Buffer> = []
  #answerBytes = 0
  #reading = false
  #ending = false
  #left = false

  constructor(host: SessionHost, number: number) {
    super({ allowHalfOpen: false })
    this.#host = host
    this.number = number
  }

  get statements(): ReadonlySet<string> {
    return this.#reader.statements
  }

  get listening(): boolean {
    return this.#reader.listening
  }

  get hasWork(): boolean {
    return this.#batches.length > 0
  }

  /** What to run next; nothing as long as too much of the last answers has not been read. */
  takeBatch(): Buffer | undefined {
    if (this.#answerBytes > highWaterMark) return undefined
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

  encryption(): void {
    this.answer(Buffer.from("N"))
  }

  start(): void {
    this.answer(this.#host.welcome(this))
  }

  batch(bytes: Buffer): void {
    this.#batches.push(bytes)
    this.#batchBytes += bytes.length
    this.#host.work(this)
  }

  /** Says why and hangs up; what was sent before and has not run yet never will. */
  refuse(sqlState: string, reason: string): void {
    this.answer(fatalError(sqlState, reason))
    this.#ending = true
    this.#leave()
    this.#flow()
  }

  hangUp(): void {
    this.destroy()
  }

  override _read(): void {
    this.#reading = true
    this.#flow()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#reader.push(chunk)
    this.#resume = done
    this.#admit()
  }

  override _final(done: () => void): void {
    done()
    this.destroy()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#reader.stop()
    this.#answers.length = 0
    this.#leave()
    done(error)
  }

  /** Takes the next chunk from the client, unless enough of its work is waiting. */
  #admit(): void {
    const resume = this.#resume
    if (resume === undefined || this.#batchBytes > highWaterMark) return
    this.#resume = undefined
    resume()
  }

  /** Hands out answers as fast as they are read: a big result waits as bytes, not as rows. */
  #flow(): void {
    const full = this.#answerBytes > highWaterMark
    for (let head = this.#answers[0]; this.#reading && head !== undefined; head = this.#answers[0]) {
      const slice = head.subarray(0, sliceBytes)
      if (slice.length === head.length) this.#answers.shift()
      else this.#answers[0] = head.subarray(slice.length)
      this.#answerBytes -= slice.length
      this.#reading = this.push(slice)
    }
    if (this.#ending && this.#answers.length === 0) this.push(null)
    if (full && this.#answerBytes <= highWaterMark && this.hasWork) this.#host.work(this)
  }

  #leave(): void {
    if (this.#left) return
    this.#left = true
    this.#batches.length = 0
    this.#batchBytes = 0
    this.#host.left(this)
  }
}
