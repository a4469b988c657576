import { connect, type Socket } from "node:net"

/** What a browser sends with a handshake, so that the server has as much to forget. */
const handshake = (path: string) =>
  [
    `GET ${path} HTTP/1.1`,
    "Host: localhost:8000",
    "Connection: Upgrade",
    "Pragma: no-cache",
    "Cache-Control: no-cache",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Upgrade: websocket",
    "Origin: http://localhost:8000",
    "Sec-WebSocket-Version: 13",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Accept-Language: en-US,en;q=0.9",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    "\r\n"
  ].join("\r\n")

const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0])

/** A WebSocket that does nothing but answer pings. Rejects where the handshake is refused. */
const open = (port: number, path: string) =>
  new Promise<Socket>((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true }, () => socket.write(handshake(path)))
    socket.once("data", (answer: Buffer) => {
      if (!answer.toString("latin1", 0, 12).startsWith("HTTP/1.1 101")) {
        reject(new Error(answer.toString("latin1")))
        return
      }
      socket.on("data", (data: Buffer) => {
        if (data[0] === 0x89) socket.write(pong)
      })
      resolve(socket)
    })
    socket.on("error", reject)
  })

/** Opens connections, 100 at a time, one for each path. */
export const openIdle = async (port: number, paths: ReadonlyArray<string>): Promise<ReadonlyArray<Socket>> => {
  const sockets: Array<Socket> = []
  for (let first = 0; first < paths.length; first += 100) {
    sockets.push(...(await Promise.all(paths.slice(first, first + 100).map((path) => open(port, path)))))
  }
  return sockets
}
