import { connect, type Socket } from "node:net"

/**
 * A socket that sends what is written in one turn of the event loop together: statements of requests that arrived at once
 * share one system call, and wake the server once. Nothing waits for more than that turn.
 */
export const gatheringSocket = (host: string, port: number, keepAliveMillis: number): Socket => {
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMillis })
  const write = socket.write
  let gathering = false
  const send = () => {
    gathering = false
    socket.uncork()
  }
  // Every overload at once, as it came.
  const gather = function (this: Socket, ...args: Parameters<Socket["write"]>): boolean {
    if (!gathering) {
      gathering = true
      socket.cork()
      setImmediate(send)
    }
    return write.apply(socket, args)
  }
  return Object.assign(socket, { write: gather })
}
