import { Effect } from "effect"
import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import type { AddressInfo } from "node:net"
import PostalMime, { type Email } from "postal-mime"
import { SMTPServer, type SMTPServerOptions } from "smtp-server"

export interface ReceivedMail {
  readonly from: string
  readonly to: ReadonlyArray<string>
  /** As a mail program reads it, and as it came. */
  readonly email: Email
  readonly raw: string
  readonly secure: boolean
}

/** How a server answers with that reply code. */
export const answer = (responseCode: number, message = "no") => Object.assign(new Error(message), { responseCode })

const rawOf = async (stream: AsyncIterable<Uint8Array>) => {
  const chunks: Array<Uint8Array> = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/**
 * A real SMTP server that keeps what it was sent; it is gone when the scope closes. `onMessage` answers to a message that
 * has come whole: undefined takes it.
 */
export const smtpTestServer = (
  options: Omit<SMTPServerOptions, "onData"> & {
    readonly onMessage?: (raw: string) => Error | undefined | Promise<Error | undefined>
  } = {}
) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const { onMessage = () => undefined, ...settings } = options
      const received: Array<ReceivedMail> = []
      let connections = 0
      const server = new SMTPServer({
        disabledCommands: ["STARTTLS"],
        authOptional: true,
        disableReverseLookup: true,
        closeTimeout: 1,
        ...settings,
        onData: (stream, { envelope, secure }, done) => {
          rawOf(stream).then(async (bytes) => {
            const raw = bytes.toString("latin1")
            const refusal = await onMessage(raw)
            if (refusal !== undefined) return done(refusal)
            const { mailFrom, rcptTo } = envelope
            received.push({
              from: mailFrom === false ? "" : mailFrom.address,
              to: rcptTo.map(({ address }) => address),
              email: await PostalMime.parse(bytes),
              raw,
              secure
            })
            done()
          }, done)
        }
      })
      // Clients that leave in the middle of something are what some tests are about.
      server.on("error", () => {})
      const listening = server.listen(0, "127.0.0.1")
      listening.on("connection", () => {
        connections += 1
      })
      await once(listening, "listening")
      const { port } = listening.address() as AddressInfo
      return { received, port, server, connections: () => connections }
    }),
    ({ server }) => Effect.promise(() => new Promise<void>((resolve) => server.close(() => resolve())))
  )

/** Listens, and does with a connection what it is told; nothing is a server that hangs. */
export const bareServer = (onConnection: (socket: Socket) => void = () => {}) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const sockets = new Set<Socket>()
      let connections = 0
      const server = createServer((socket) => {
        sockets.add(socket)
        connections += 1
        socket.on("close", () => sockets.delete(socket))
        socket.on("error", () => {})
        onConnection(socket)
      })
      server.listen(0, "127.0.0.1")
      await once(server, "listening")
      const { port } = server.address() as AddressInfo
      return { port, server, sockets, connections: () => connections }
    }),
    ({ server, sockets }) =>
      Effect.promise(
        () =>
          new Promise<void>((resolve) => {
            server.close(() => resolve())
            sockets.forEach((socket) => socket.destroy())
          })
      )
  )
