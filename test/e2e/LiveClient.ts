import { Schema } from "effect"
import { WebSocket } from "ws"
import { eventually } from "./Eventually.ts"

const Told = Schema.Struct({
  event: Schema.String,
  timestamp: Schema.String,
  id: Schema.Int,
  resumed: Schema.optionalKey(Schema.Boolean),
  sender: Schema.optionalKey(Schema.String),
  contact_id: Schema.optionalKey(Schema.Int),
  note_id: Schema.optionalKey(Schema.Int)
})

/** An event as it came, and when, in milliseconds of `performance.now()`. */
export interface Told extends Schema.Schema.Type<typeof Told> {
  readonly at: number
}

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Told))

export interface LiveOptions {
  /** `/api/notifications` where nothing is said. */
  readonly path?: string
  readonly since?: number | string | undefined
}

/** A client of notifications as apps have it: it reads, answers pings, and closes as it should. */
export class LiveClient {
  readonly socket: WebSocket
  /** Everything that came, in that order. */
  readonly told: Array<Told> = []
  /** The status of a handshake that was refused. */
  refused: number | undefined
  closeCode: number | undefined

  constructor(url: string, token: string, { path = "/api/notifications", since }: LiveOptions = {}) {
    const asked = new URLSearchParams({ token, ...(since === undefined ? {} : { since: String(since) }) })
    this.socket = new WebSocket(`${url.replace("http", "ws")}${path}?${asked}`)
    this.socket
      .on("message", (data) => {
        this.told.push({ ...decode(data.toString()), at: performance.now() })
      })
      .on("unexpected-response", (request, response) => {
        this.refused = response.statusCode
        request.destroy()
      })
      .on("error", () => {})
      .on("close", (code) => {
        this.closeCode = code
      })
  }

  /** Where to take up again after all that has come: what `connected` names is still to come where it resumes. */
  get last(): number | undefined {
    return this.told.findLast(({ event, resumed }) => event !== "connected" || resumed !== true)?.id
  }

  get events(): ReadonlyArray<string> {
    return this.told.map(({ event }) => event)
  }

  /** Waits until that many have come; all of them. */
  readonly until = (count: number): Promise<ReadonlyArray<Told>> =>
    eventually(() => {
      if (this.told.length < count) throw new Error(`${this.told.length} of ${count} came: ${this.events.join(", ")}`)
      return this.told
    })

  /** Waits for what comes after the first `seen`, and is one of these. */
  readonly next = (event: string, seen: number, sender?: string): Promise<Told> =>
    eventually(
      () => {
        const found = this.told.slice(seen).find((one) => one.event === event && one.sender === sender)
        if (found === undefined) throw new Error(`no ${event} after ${this.events.join(", ")}`)
        return found
      },
      5000,
      2
    )

  readonly closed = (): Promise<number> =>
    eventually(() => {
      if (this.closeCode === undefined) throw new Error("it is still open")
      return this.closeCode
    })

  /** Goes without a word, as a phone in a tunnel does. */
  readonly vanish = () => this.socket.terminate()
}

/** A client that has been told that it is connected. */
export const connectedClient = async (url: string, token: string, options?: LiveOptions): Promise<LiveClient> => {
  const client = new LiveClient(url, token, options)
  await client.until(1)
  return client
}
