import { Effect, Schema } from "effect"
import { createServer } from "node:net"

/** Nothing can listen at that address. */
export class CannotListen extends Schema.TaggedError<CannotListen>()("CannotListen", {
  host: Schema.String,
  port: Schema.Int,
  reason: Schema.String
}) {
  override get message() {
    return `HOST ${this.host}, PORT ${this.port}: cannot listen there, ${this.reason}`
  }
}

const problems: Record<string, string> = {
  EADDRINUSE: "another program does already",
  EACCES: "this user is not allowed to",
  EADDRNOTAVAIL: "it is no address of this machine",
  ENOTFOUND: "nobody knows that name",
  ENOTSUP: "this system shares no port among processes as Linux does, so WORKERS must be 1"
}

export interface Address {
  readonly host: string
  /** 0 is any that is free. */
  readonly port: number
}

/** In words, from what Node says of it. */
export const cannotListen = ({ host, port }: Address, cause: unknown): CannotListen => {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause)
  return new CannotListen({ host, port, reason: problems[code] ?? code })
}

/**
 * The port that processes which share one are to listen at: nobody else does. A second program that shares ports would
 * otherwise get a part of the connections of the first, and neither would know.
 */
export const freePort = ({ host, port }: Address): Effect.Effect<number, CannotListen> =>
  Effect.callback((resume) => {
    const server = createServer()
      .once("error", (error) => resume(Effect.fail(cannotListen({ host, port }, error))))
      .listen({ host, port, exclusive: true }, () => {
        const address = server.address()
        const bound = address !== null && typeof address === "object" ? address.port : port
        server.close(() => resume(Effect.succeed(bound)))
      })
  })
