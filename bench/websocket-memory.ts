/**
 * What an idle WebSocket takes in memory, by three ways of having one on the HTTP server, in one run. Compare the ways
 * with each other; the figures are the machine's.
 *
 *     node bench/websocket-memory.ts [connections]
 */
import { fork } from "node:child_process"
import { join } from "node:path"
import { openIdle } from "../test/support/IdleSockets.ts"

const connections = Number(process.argv[2] ?? 10_000)
const ways = ["bare", "taken-over", "framework"] as const

interface Memory {
  readonly heapUsed: number
  readonly rss: number
}

const measure = async (way: (typeof ways)[number]) => {
  const server = fork(join(import.meta.dirname, "websocketServer.ts"), [way], { execArgv: ["--expose-gc"] })
  const told = <A>() => new Promise<A>((resolve) => server.once("message", (message) => resolve(message as A)))
  const memory = () => {
    const answer = told<Memory>()
    server.send("measure")
    return answer
  }
  const port = await told<number>()
  const before = await memory()
  const path = `/live?token=${"x".repeat(400)}`
  const sockets = await openIdle(
    port,
    Array.from({ length: connections }, () => path)
  )
  const after = await memory()
  sockets.forEach((socket) => socket.destroy())
  server.kill()
  const each = (name: keyof Memory) => (after[name] - before[name]) / connections / 1000
  return { way, "KB resident": each("rss"), "KB in the heap": each("heapUsed") }
}

const rows: Array<Awaited<ReturnType<typeof measure>>> = []
for (const way of ways) rows.push(await measure(way))
const [bare] = rows
console.table(
  rows.map((row) => ({
    ...row,
    "times bare": (row["KB resident"] / (bare?.["KB resident"] ?? 1)).toFixed(1),
    "KB resident": row["KB resident"].toFixed(1),
    "KB in the heap": row["KB in the heap"].toFixed(1)
  }))
)
