import { Effect, type Scope } from "effect"
import { connect, createServer, type Socket } from "node:net"

export interface TcpProxy {
  readonly port: number
  /** Hangs up on everybody, and lets nobody in any more. */
  readonly cut: () => void
  readonly mend: () => void
}

/** Stands between a server and what it talks to; `onData` sees what goes there. */
export const tcpProxy = (
  target: { readonly host: string; readonly port: number },
  onData: (chunk: Buffer, connection: number) => void = () => {}
): Effect.Effect<TcpProxy, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const sockets = new Set<Socket>()
      let isCut = false
      let connections = 0
      const server = createServer((client) => {
        if (isCut) return void client.destroy()
        const number = connections++
        const upstream = connect({ ...target, noDelay: true })
        client.setNoDelay(true)
        for (const [socket, other] of [
          [client, upstream],
          [upstream, client]
        ] as const) {
          sockets.add(socket)
          socket.on("error", () => other.destroy())
          socket.on("close", () => {
            sockets.delete(socket)
            other.destroy()
          })
        }
        client.on("data", (chunk: Buffer) => {
          onData(chunk, number)
          upstream.write(chunk)
        })
        upstream.pipe(client)
      })
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      const address = server.address()
      const cut = () => {
        isCut = true
        for (const socket of sockets) socket.destroy()
      }
      return {
        port: address !== null && typeof address === "object" ? address.port : 0,
        cut,
        mend: () => {
          isCut = false
        },
        close: () =>
          new Promise<void>((resolve) => {
            server.close(() => resolve())
            cut()
          })
      }
    }),
    ({ close }) => Effect.promise(close)
  )
