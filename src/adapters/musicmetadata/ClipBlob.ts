import { setImmediate } from "node:timers/promises"
import type { ByteSpan } from "../../domain/shared/BlobRange.ts"

/** How much is read at first, and where it goes on, twice as much each time up to the most: a store far away takes its time. */
const leastRead = 32 * 1024
const mostRead = 128 * 1024

/** What one thing in a clip may take: the tables of a film of 100 MB are far smaller. */
const mostAtOnce = 4 * 1024 * 1024

/** What may be read to find out how long a clip plays. Formats that say so, say it near one of their ends. */
const mostInAll = 16 * 1024 * 1024

/** In how many steps, and after how many of them others have their turn: there are clips of nothing but headers. */
const mostSteps = 100_000
const stepsAtOnce = 2000

/** Brings parts of a clip. Nothing of it is in memory but what was read last. */
class ClipReader {
  readonly size: number
  readonly #read: (span: ByteSpan) => Promise<Uint8Array>
  #start = 0
  #bytes = new Uint8Array(0)
  #readInAll = 0
  #steps = 0

  constructor(size: number, read: (span: ByteSpan) => Promise<Uint8Array>) {
    this.size = size
    this.#read = read
  }

  async load(start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#steps += 1
    if (this.#steps > mostSteps) throw new Error("there are too many steps to take")
    if (this.#steps % stepsAtOnce === 0) await setImmediate()
    if (length > mostAtOnce) throw new Error(`${length} bytes are more than is read at once`)
    if (!this.#has(start, length)) await this.#move(start, length)
    if (!this.#has(start, length)) throw new Error("the clip is shorter than it was")
    const from = start - this.#start
    return new Uint8Array(this.#bytes.subarray(from, from + length))
  }

  #has(start: number, length: number): boolean {
    return start >= this.#start && start + length <= this.#start + this.#bytes.length
  }

  async #move(start: number, length: number): Promise<void> {
    const goesOn = start > this.#start && start <= this.#start + this.#bytes.length
    const wanted = Math.max(length, goesOn ? Math.min(mostRead, 2 * this.#bytes.length) : leastRead)
    const last = Math.min(this.size, start + wanted) - 1
    this.#readInAll += last + 1 - start
    if (this.#readInAll > mostInAll) throw new Error("there is no end to what has to be read")
    this.#bytes = new Uint8Array(await this.#read({ first: start, last }))
    this.#start = start
  }
}

/** A clip, or a part of it, as a library takes it that knows nothing of where it lies. Bytes are read when asked for. */
export class ClipBlob implements Blob {
  readonly type: string
  readonly size: number
  readonly #reader: ClipReader
  readonly #start: number

  private constructor(type: string, reader: ClipReader, start: number, size: number) {
    this.type = type
    this.size = size
    this.#reader = reader
    this.#start = start
  }

  static of(type: string, size: number, read: (span: ByteSpan) => Promise<Uint8Array>): ClipBlob {
    return new ClipBlob(type, new ClipReader(size, read), 0, size)
  }

  slice(start = 0, end = this.size): ClipBlob {
    return new ClipBlob(this.type, this.#reader, this.#start + start, Math.max(0, Math.min(end, this.size) - start))
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#reader.load(this.#start, this.size)
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes())
  }

  stream(): never {
    throw new Error("a clip is read in parts")
  }
}
