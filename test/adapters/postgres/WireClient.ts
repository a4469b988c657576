import type { Duplex } from "node:stream"
import { eachMessage, query, startup } from "../../../src/adapters/postgres/PostgresWire.ts"

export interface Message {
  readonly type: string
  readonly body: string
}

/** A client that says what it is told to, byte for byte, and shows what it is told. */
export class WireClient {
  readonly stream: Duplex
  readonly messages: Array<Message> = []
  readonly closed: Promise<Error | undefined>
  #rest = Buffer.alloc(0)
  #arrived = Promise.withResolvers<void>()

  constructor(stream: Duplex) {
    this.stream = stream
    let error: Error | undefined
    this.closed = new Promise((resolve) => {
      stream.on("error", (cause: Error) => (error = cause)).on("close", () => resolve(error))
    })
    stream.on("data", (chunk: Buffer) => this.#read(chunk))
  }

  static async connect(stream: Duplex): Promise<WireClient> {
    const client = new WireClient(stream)
    stream.write(startup())
    await client.until("Z")
    client.messages.length = 0
    return client
  }

  /** Waits for a message of this type and takes what has come until then. */
  async until(type: string): Promise<ReadonlyArray<Message>> {
    while (true) {
      const at = this.messages.findIndex((message) => message.type === type)
      if (at >= 0) return this.messages.splice(0, at + 1)
      await this.#arrived.promise
    }
  }

  async query(sql: string): Promise<string> {
    this.stream.write(query(sql))
    return (await this.until("Z")).map(({ type, body }) => `${type}:${body}`).join(" ")
  }

  #read(chunk: Buffer): void {
    const bytes = Buffer.concat([this.#rest, chunk])
    let read = 0
    while (bytes.length - read >= 5 && bytes.length - read > bytes.readInt32BE(read + 1)) {
      read += 1 + bytes.readInt32BE(read + 1)
    }
    eachMessage(bytes.subarray(0, read), (type, start, end) => {
      const body = bytes.toString("latin1", start + 5, end).replaceAll(/[^ -~]/g, "")
      this.messages.push({ type: String.fromCharCode(type), body })
    })
    this.#rest = bytes.subarray(read)
    this.#arrived.resolve()
    this.#arrived = Promise.withResolvers()
  }
}
