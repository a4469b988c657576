import { Effect, type Scope } from "effect"
import { execFileSync } from "node:child_process"
import { chownSync, mkdtempSync, rmSync } from "node:fs"
import { createConnection } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { BenchError, wordsOf } from "../BenchError.ts"
import { finished, type Running, running } from "../Process.ts"
import { freePort } from "../Ports.ts"
import { findProgram } from "./PostgresPrograms.ts"

/** In milliseconds. */
const patience = 30_000

/**
 * A PostgreSQL server of the installed programs, as it comes (`fsync` and `synchronous_commit` are on), in a temporary
 * folder; stopped and removed with the scope. Answers its URL.
 */
export const ownPostgres: Effect.Effect<string, BenchError, Scope.Scope> = Effect.gen(function* () {
  const postgres = findProgram("postgres", "initdb")
  if (postgres === undefined) {
    const message = "no PostgreSQL: set DATABASE_URL, or install it (initdb and postgres were looked for)"
    return yield* new BenchError({ message })
  }
  const user = yield* Effect.try({ try: serverUser, catch: (error) => new BenchError({ message: wordsOf(error) }) })
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "rookery-bench-postgres-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid ?? 0)
  const data = join(folder, "data")
  const as = { cwd: folder, ...user }
  yield* finished({
    ...as,
    command: join(dirname(postgres), "initdb"),
    args: ["--pgdata", data, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--no-locale"]
  })
  const port = yield* freePort
  const server = yield* running({
    ...as,
    command: postgres,
    args: ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"],
    // Does not wait for whoever is connected.
    stopSignal: "SIGINT"
  })
  yield* Effect.tryPromise({
    try: () => whenUp(server, port),
    catch: (error) => new BenchError({ message: wordsOf(error) })
  })
  return `postgres://postgres@127.0.0.1:${port}/postgres`
})

/** PostgreSQL does not run as root: there it runs as the user that its packages make. */
const serverUser = (): { readonly uid?: number; readonly gid?: number } => {
  if (process.getuid?.() !== 0) return {}
  const id = (what: string) => {
    try {
      return Number(execFileSync("id", [what, "postgres"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }))
    } catch {
      throw new Error("PostgreSQL can't run as root, and there is no user postgres to run it as: set DATABASE_URL")
    }
  }
  return { uid: id("-u"), gid: id("-g") }
}

const whenUp = async (server: Running, port: number) => {
  const deadline = performance.now() + patience
  while (performance.now() < deadline && server.isRunning()) {
    if (server.output().includes("ready to accept connections") && (await answers(port))) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`PostgreSQL did not start: ${server.output().trim()}`)
}

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port }, () => resolve(true))
    socket.once("error", () => resolve(false)).once("connect", () => socket.destroy())
  })
