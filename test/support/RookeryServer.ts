import { Context, Effect, FileSystem, Layer, type Scope } from "effect"
import { NodeServices } from "@effect/platform-node"
import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"

export interface RookeryServer {
  readonly url: string
  readonly process: ChildProcess
  /** Everything that it has printed so far. */
  readonly output: () => string
  /** Waits for its end; its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
}

const root = join(import.meta.dirname, "../..")
export const node = join(root, "node_modules/.bin/node")

export interface StartOptions {
  /** Beside the environment that tests have; its own variables are never inherited. */
  readonly env?: Readonly<Record<string, string>>
  readonly dataDir: string
}

const inherited = Object.fromEntries(
  ["PATH", "HOME", "TMPDIR", "LANG"].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
)

/** Starts the program itself and returns without waiting for it to be up. */
export const launchRookery = ({ dataDir, env = {} }: StartOptions): Omit<RookeryServer, "url"> => {
  const child = spawn(node, [join(root, "src/main.ts")], {
    // A folder of its own, so that no `.env` of a developer is read.
    cwd: dataDir,
    env: { ...inherited, PORT: "0", DATA_DIR: join(dataDir, "data"), NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let text = ""
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString()
  })
  child.stderr.on("data", (chunk: Buffer) => {
    text += chunk.toString()
  })
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal ?? 1))
  })
  return { process: child, output: () => text, ended }
}

/** Until it has printed where it listens. Fails with what it printed instead. */
export const whenUp = async (launched: Omit<RookeryServer, "url">, withinMillis = 20_000): Promise<RookeryServer> => {
  const deadline = performance.now() + withinMillis
  while (performance.now() < deadline) {
    const url = /(http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d+)/.exec(launched.output())?.[1]
    if (url !== undefined) return { ...launched, url }
    if (launched.process.exitCode !== null || launched.process.signalCode !== null) break
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  launched.process.kill("SIGKILL")
  throw new Error(`Rookery did not start:\n${launched.output()}`)
}

const stop = async (launched: Omit<RookeryServer, "url">) => {
  if (launched.process.exitCode === null && launched.process.signalCode === null) {
    launched.process.kill("SIGTERM")
    const timer = setTimeout(() => launched.process.kill("SIGKILL"), 10_000)
    await launched.ended
    clearTimeout(timer)
  }
}

export const temporaryFolder: Effect.Effect<string, never, Scope.Scope> = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  return yield* files.makeTempDirectoryScoped({ prefix: "rookery-test-" })
}).pipe(Effect.orDie, Effect.provide(NodeServices.layer))

/** A running server, stopped with its scope. */
export const startRookery = (options: StartOptions): Effect.Effect<RookeryServer, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => launchRookery(options)),
    (launched) => Effect.promise(() => stop(launched))
  ).pipe(Effect.flatMap((launched) => Effect.promise(() => whenUp(launched))))

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
