import { Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe } from "vitest"
import { isCI } from "../../support/ServiceProbe.ts"

const program = process.env.NATS_SERVER ?? "/usr/sbin/nats-server"
const there = existsSync(program)
if (!there && isCI()) throw new Error(`CI is set, so ${program} must be there`)
if (!there) console.error(`SKIPPED: no ${program}`)

/** `describe` for tests that start and stop a server of their own. */
export const describeWithNatsServer = describe.skipIf(!there)

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const probe = createServer()
    probe.on("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => (address !== null && typeof address === "object" ? resolve(address.port) : reject(address)))
    })
  })

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host: "127.0.0.1", port })
    socket.once("data", () => resolve(true))
    socket.once("error", () => resolve(false))
    socket.setTimeout(1000, () => resolve(false))
    socket.once("data", () => socket.destroy())
  })

/** A signal takes a while to reach each thread of a busy machine. Elsewhere than on Linux a while has to do. */
const isStopped = async (pid: number | undefined) => {
  const threads = `/proc/${pid}/task`
  if (!existsSync(threads)) return new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 200))
  const stats = (await readdir(threads)).map((thread) => readFile(join(threads, thread, "stat"), "utf8"))
  return (await Promise.all(stats)).every((stat) => /\) [Tt] /.test(stat))
}

/**
 * A nats-server on a port and in a folder of its own, not started yet. It can be killed and started again on what it had
 * stored, or stopped in its tracks; it is gone, and its folder too, when the scope closes.
 */
export const natsServer = Effect.acquireRelease(
  Effect.promise(async () => {
    const port = await freePort()
    const folder = await mkdtemp(join(tmpdir(), "rookery-nats-"))
    let child: ChildProcess | undefined

    const start = async (args: ReadonlyArray<string>) => {
      const started = spawn(program, ["-a", "127.0.0.1", "-p", String(port), ...args], { stdio: "ignore" })
      child = started
      while (!(await answers(port))) {
        if (started.exitCode !== null) throw new Error(`${program} ended with ${started.exitCode}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    const kill = async () => {
      const running = child
      child = undefined
      if (running === undefined || running.exitCode !== null) return
      const exited = new Promise((resolve) => running.once("exit", resolve))
      running.kill("SIGCONT")
      running.kill("SIGKILL")
      await exited
    }
    return {
      url: `nats://127.0.0.1:${port}`,
      folder,
      kill,
      start: (...args: ReadonlyArray<string>) => Effect.promise(() => start(["-js", "-sd", folder, ...args])),
      startWithoutJetStream: Effect.promise(() => start([])),
      stop: Effect.promise(kill),
      pause: Effect.promise(async () => {
        child?.kill("SIGSTOP")
        while (!(await isStopped(child?.pid))) await new Promise((resolve) => setTimeout(resolve, 5))
      }),
      resume: Effect.sync(() => child?.kill("SIGCONT"))
    }
  }),
  ({ folder, kill }) => Effect.promise(() => kill().then(() => rm(folder, { recursive: true, force: true })))
)
