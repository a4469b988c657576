import { Effect, type Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { BenchError } from "./BenchError.ts"

export interface Running {
  readonly pid: number
  /** The end of what it has printed. */
  readonly output: () => string
  readonly isRunning: () => boolean
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  /** Another signal than those that end it. */
  readonly signal: (name: "SIGSTOP" | "SIGCONT") => void
}

export interface SpawnOptions {
  readonly command: string
  readonly args: ReadonlyArray<string>
  /** Its whole environment, beside where programs and homes are. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly uid?: number
  readonly gid?: number
  /** What asks it to end. */
  readonly stopSignal?: "SIGTERM" | "SIGINT"
}

/** Characters of output that are kept. */
const mostOutput = 16 * 1024

/** How long a process may take to end by itself, in milliseconds. */
const patience = 10_000

const inherited = Object.fromEntries(
  ["PATH", "HOME", "TMPDIR", "LANG"].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
)

/** A process of its own; stopped with its scope, and killed where it does not stop. */
export const running = (options: SpawnOptions): Effect.Effect<Running, BenchError, Scope.Scope> =>
  Effect.acquireRelease(start(options), (started) => Effect.promise(() => started.stop()))

const start = ({ args, command, cwd, env, gid, stopSignal = "SIGTERM", uid }: SpawnOptions) =>
  Effect.callback<Running & { readonly stop: () => Promise<void> }, BenchError>((resume) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...inherited, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid })
    })
    const output = outputOf(child)
    const ended = new Promise<number | string>((resolve) => {
      child.once("close", (code, signal) => resolve(code ?? signal ?? 1))
    })
    const isRunning = () => child.exitCode === null && child.signalCode === null
    const stop = async () => {
      if (!isRunning()) return
      // A process that is paused hears of nothing else.
      child.kill("SIGCONT")
      child.kill(stopSignal)
      const timer = setTimeout(() => child.kill("SIGKILL"), patience)
      await ended
      clearTimeout(timer)
    }
    child.once("error", (error) =>
      resume(Effect.fail(new BenchError({ message: `${command} could not be started: ${error.message}` })))
    )
    child.once("spawn", () =>
      resume(
        Effect.succeed({ pid: child.pid ?? 0, output, isRunning, ended, stop, signal: (name) => child.kill(name) })
      )
    )
  })

const outputOf = ({ stderr, stdout }: ChildProcess) => {
  let text = ""
  for (const stream of [stdout, stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text = (text + chunk).slice(-mostOutput)
    })
  }
  return () => text
}

/** Runs a program to its end and answers what it printed; fails where that says it went wrong. */
export const finished = (options: SpawnOptions): Effect.Effect<string, BenchError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const child = yield* running(options)
      const code = yield* Effect.promise(() => child.ended)
      if (code === 0) return child.output()
      return yield* new BenchError({ message: `${options.command} failed (${code}): ${child.output().trim()}` })
    })
  )
