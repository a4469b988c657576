import { once } from "node:events"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { afterEach, assert, beforeEach, it } from "vitest"
import { gatheringSocket } from "../../../src/adapters/postgres/GatheredWrites.ts"

const server = createServer()
beforeEach(async () => {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
})
afterEach(() => new Promise((resolve) => server.close(resolve)))

/** Both ends of a connection, and what was handed to the system of the one that gathers, a call each. */
const connected = async () => {
  const socket = gatheringSocket("127.0.0.1", (server.address() as AddressInfo).port, 10_000)
  const calls: Array<number> = []
  const writev = socket._writev?.bind(socket)
  socket._writev = (chunks, done) => {
    calls.push(chunks.length)
    writev?.(chunks, done)
  }
  const [[peer]] = (await Promise.all([once(server, "connection"), once(socket, "connect")])) as [[Socket], unknown]
  return { socket, peer, calls }
}

const received = async (peer: Socket, length: number): Promise<string> => {
  let text = ""
  for await (const chunk of peer) {
    text += String(chunk)
    if (text.length >= length) break
  }
  return text
}

it("hands what is written in one turn of the event loop to the system at once, in its order", async () => {
  const { calls, peer, socket } = await connected()
  socket.write("a")
  // What other sockets bring in the same turn comes in microtasks and callbacks of its own.
  await Promise.resolve()
  socket.write("b")
  process.nextTick(() => socket.write("c"))
  assert.deepStrictEqual(calls, [])
  assert.strictEqual(await received(peer, 3), "abc")
  assert.deepStrictEqual(calls, [3])
  socket.destroy()
})

it("sends what is written after that, and what is written last before it ends", async () => {
  const { peer, socket } = await connected()
  socket.write("first ")
  await new Promise((resolve) => setTimeout(resolve, 20))
  socket.write("second ")
  socket.end("last")
  assert.strictEqual(await received(peer, 17), "first second last")
  socket.destroy()
})
