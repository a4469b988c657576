/** The part of autocannon that is used here; it comes without types. */
declare module "autocannon" {
  import type { EventEmitter } from "node:events"

  interface Request {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
  }

  interface Client {
    setRequests(requests: ReadonlyArray<Request>): void
  }

  interface Options {
    readonly url: string
    readonly connections: number
    /** Seconds. */
    readonly duration: number
    /** Milliseconds between looks at the clock. */
    readonly sampleInt: number
    readonly setupClient: (client: Client) => void
  }

  interface Result {
    readonly errors: number
    readonly timeouts: number
    readonly non2xx: number
    /** Seconds. */
    readonly duration: number
  }

  /** Emits `response` with the client, the status, the bytes and the milliseconds. */
  interface Instance extends EventEmitter {
    stop(): void
  }

  export default function autocannon(options: Options, done: (error: Error | null, result: Result) => void): Instance
}
