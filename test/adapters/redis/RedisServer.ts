import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { Effect } from "effect"

/** A port that nobody listens on. */
export const freePort = Effect.promise(async () => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  return port
})

/** A Redis of the test's own, that it can stop. */
export class RedisServer {
  #process: ChildProcess | undefined
  readonly port: number
  readonly #options: ReadonlyArray<string>

  constructor(port: number, ...options: ReadonlyArray<string>) {
    this.port = port
    this.#options = options
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  readonly start = Effect.promise(async () => {
    const options = ["--port", `${this.port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    const child = spawn("redis-server", [...options, ...this.#options], { stdio: ["ignore", "pipe", "ignore"] })
    this.#process = child
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject)
      child.stdout.on("data", (text: Buffer) => {
        if (text.includes("Ready to accept connections")) resolve()
      })
    })
  })

  readonly kill = Effect.promise(async () => {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, "exit")
    child.kill("SIGKILL")
    await gone
  })

  /** It keeps its connections and answers nothing. */
  readonly freeze = Effect.sync(() => void this.#process?.kill("SIGSTOP"))
  readonly thaw = Effect.sync(() => void this.#process?.kill("SIGCONT"))
}

/** Not started yet, killed with its scope. */
export const redisServer = (...options: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.map(freePort, (port) => new RedisServer(port, ...options)),
    (server) => server.kill
  )
