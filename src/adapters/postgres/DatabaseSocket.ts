import { Effect, type Scope } from "effect"
import { chmodSync, rmSync } from "node:fs"
import { connect, createServer, type Server, type Socket } from "node:net"
import { join, relative } from "node:path"
import { type Duplex, pipeline } from "node:stream"

/** What a socket's address holds on every platform; Linux has four more. */
const longestPath = 103
const mostConnections = 8

/**
 * Where maintenance scripts reach the embedded database of a running server, or undefined when no spelling of the path
 * is short enough for a socket.
 */
export const databaseSocketPath = (dataDir: string): string | undefined => {
  const path = join(dataDir, "postgres.sock")
  return [path, relative(process.cwd(), path)].find((spelling) => Buffer.byteLength(spelling) <= longestPath)
}

/** Whether somebody listens there. */
export const isAnswered = (path: string): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    const socket = connect(path)
    const done = (answered: boolean) => {
      socket.destroy()
      resume(Effect.succeed(answered))
    }
    socket.once("connect", () => done(true)).once("error", () => done(false))
    return Effect.sync(() => socket.destroy())
  })

/**
 * Listens at `path` for this user's processes alone (0600), at most 8 at a time, and joins each with a session of its
 * own once there is a database to open one on. Replaces the file that a killed process left: hold the lock first.
 */
export const listenForScripts = (
  path: string,
  database: Promise<() => Duplex>
): Effect.Effect<void, Error, Scope.Scope> =>
  Effect.gen(function* () {
    const connections = new Set<Socket>()
    const join = (socket: Socket) => {
      connections.add(socket)
      socket.once("close", () => connections.delete(socket)).on("error", () => {})
      const talk = (open: () => Duplex) => {
        const session = open()
        if (socket.destroyed) return session.destroy()
        return pipeline(socket, session, socket, () => {})
      }
      void database.then(talk, () => socket.destroy())
    }
    yield* Effect.acquireRelease(listen(path, join), (server) =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        for (const socket of connections) socket.destroy()
      })
    )
  })

const listen = (path: string, join: (socket: Socket) => void) =>
  Effect.callback<Server, Error>((resume) => {
    rmSync(path, { force: true })
    const server = createServer(join)
    server.maxConnections = mostConnections
    server.once("error", (error) => resume(Effect.fail(error)))
    server.listen(path, () => {
      chmodSync(path, 0o600)
      resume(Effect.succeed(server.unref()))
    })
  })
