import { NodeServices } from "@effect/platform-node"
import { Context, Effect, FileSystem, Layer, type Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"

export interface LaunchedRookery {
  readonly process: ChildProcess
  /** Everything that it has printed so far. */
  readonly output: () => string
  /** Waits for its end; its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
}

export interface RookeryServer extends LaunchedRookery {
  readonly url: string
}

export const root = join(import.meta.dirname, "../..")
export const node = join(root, "node_modules/.bin/node")

export interface StartOptions {
  /** Beside the environment that tests have; its own variables are never inherited. */
  readonly env?: Readonly<Record<string, string>>
  /** Its working directory. The data is in its `data`, where `env` says nothing else. */
  readonly dataDir: string
}

const inherited = Object.fromEntries(
  ["PATH", "HOME", "TMPDIR", "LANG"].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
)

/** A program of this project in a process of its own, without waiting for anything that it does. */
export const launch = (file: string, args: ReadonlyArray<string>, { dataDir, env = {} }: StartOptions) => {
  const child = spawn(node, [join(root, file), ...args], {
    // A folder of its own, so that no `.env` of a developer is read.
    cwd: dataDir,
    env: { ...inherited, PORT: "0", DATA_DIR: join(dataDir, "data"), NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let text = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk
    })
  }
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal ?? 1))
  })
  return { process: child, output: () => text, ended } satisfies LaunchedRookery
}

/** Starts the server and returns without waiting for it to be up. */
export const launchRookery = (options: StartOptions): LaunchedRookery => launch("src/main.ts", [], options)

export const isRunning = ({ process }: LaunchedRookery) => process.exitCode === null && process.signalCode === null

/** Until it has printed where it listens. Fails with what it printed instead. */
export const whenUp = async (launched: LaunchedRookery, withinMillis = 20_000): Promise<RookeryServer> => {
  const deadline = performance.now() + withinMillis
  while (performance.now() < deadline && isRunning(launched)) {
    const url = /is up on (http:\/\/[^\s"]+)/.exec(launched.output())?.[1]
    if (url !== undefined) return { ...launched, url: url.replace("//localhost:", "//127.0.0.1:") }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const { exitCode, signalCode } = launched.process
  launched.process.kill("SIGKILL")
  throw new Error(`Rookery did not start (${exitCode ?? signalCode ?? "it took too long"}):\n${launched.output()}`)
}

/** As Ctrl-C does; what has not ended after 10 seconds is killed. */
export const stopRookery = async (launched: LaunchedRookery): Promise<void> => {
  if (!isRunning(launched)) return
  launched.process.kill("SIGTERM")
  const timer = setTimeout(() => launched.process.kill("SIGKILL"), 10_000)
  await launched.ended
  clearTimeout(timer)
}

export const temporaryFolder: Effect.Effect<string, never, Scope.Scope> = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  return yield* files.makeTempDirectoryScoped({ prefix: "rookery-test-" })
}).pipe(Effect.orDie, Effect.provide(NodeServices.layer))

/** A process that is stopped with its scope. */
export const launching = (options: StartOptions): Effect.Effect<LaunchedRookery, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => launchRookery(options)),
    (launched) => Effect.promise(() => stopRookery(launched))
  )

/** A running server, stopped with its scope. */
export const startRookery = (options: StartOptions): Effect.Effect<RookeryServer, never, Scope.Scope> =>
  Effect.flatMap(launching(options), (launched) => Effect.promise(() => whenUp(launched)))

/** The server that a test file talks to. */
export class Rookery extends Context.Service<Rookery, RookeryServer>()("rookery/test/support/Rookery") {
  static readonly layer = (env: Effect.Effect<Record<string, string>, never, Scope.Scope>) =>
    Layer.effect(
      Rookery,
      Effect.gen(function* () {
        const dataDir = yield* temporaryFolder
        return yield* startRookery({ dataDir, env: yield* env })
      })
    )
}
