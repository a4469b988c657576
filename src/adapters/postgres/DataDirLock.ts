import { Effect, Schema, type Scope } from "effect"
import { createHash } from "node:crypto"
import {
  linkSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync
} from "node:fs"
import { connect, createServer, type Server } from "node:net"
import { dirname, join, resolve } from "node:path"

/** Another process works on this folder; two would corrupt the embedded database. */
export class DataDirInUse extends Schema.TaggedError<DataDirInUse>()("DataDirInUse", {
  dir: Schema.String,
  pid: Schema.optionalKey(Schema.Int)
}) {
  override get message() {
    const who = this.pid === undefined ? "" : ` (pid ${this.pid})`
    return `DATA_DIR ${this.dir} is in use by another Rookery${who}`
  }
}

/** The folder cannot be made or written to. */
export class DataDirUnusable extends Schema.TaggedError<DataDirUnusable>()("DataDirUnusable", {
  dir: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `DATA_DIR ${this.dir} cannot be used: ${this.reason}`
  }
}

/** How long the holder of a lock may take to say who it is, in milliseconds. */
const answerTime = 500

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined)
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What Node's own `recursive` does, which never returns where a file system takes no new folders, as /proc. */
const makeFolder = (dir: string): void => {
  try {
    mkdirSync(dir, { mode: 0o700 })
  } catch (error) {
    if (codeOf(error) === "EEXIST" && statSync(dir).isDirectory()) return
    if (codeOf(error) !== "ENOENT" || dirname(dir) === dir) throw error
    makeFolder(dirname(dir))
    mkdirSync(dir, { mode: 0o700 })
  }
}

/**
 * Makes the folder (0700) and holds it for this process until the scope closes; returns its real path. The lock falls
 * with the process, `kill -9` included.
 */
export const lockDataDir = Effect.fnUntraced(function* (
  dir: string
): Effect.fn.Return<string, DataDirInUse | DataDirUnusable, Scope.Scope> {
  const path = yield* Effect.try({
    try: () => {
      makeFolder(resolve(dir))
      return realpathSync(dir)
    },
    catch: (error) => new DataDirUnusable({ dir, reason: reasonOf(error) })
  })
  yield* process.platform === "linux" ? lockByName(dir, path) : lockByFile(dir, path)
  return path
})

/**
 * Linux: a socket in the abstract namespace, which the kernel gives to one process and takes back when it ends. It
 * answers with its owner's pid. Containers have a namespace each; the socket file beside the database tells them apart.
 */
export const lockByName = (
  dir: string,
  path: string
): Effect.Effect<void, DataDirInUse | DataDirUnusable, Scope.Scope> => {
  const name = `\0rookery:${createHash("sha256").update(path).digest("hex")}`
  const refused = Effect.fnUntraced(function* (
    error: unknown
  ): Effect.fn.Return<never, DataDirInUse | DataDirUnusable> {
    if (codeOf(error) === "EADDRINUSE") return yield* inUse(dir, yield* holderOf(name))
    return yield* new DataDirUnusable({ dir, reason: reasonOf(error) })
  })
  return Effect.acquireRelease(listen(name), closeServer).pipe(Effect.asVoid, Effect.catch(refused))
}

const inUse = (dir: string, pid: number | undefined) => new DataDirInUse(pid === undefined ? { dir } : { dir, pid })

const listen = (name: string) =>
  Effect.callback<Server, unknown>((resume) => {
    const server = createServer((socket) => {
      socket.on("error", () => {})
      socket.end(String(process.pid))
    })
    server.once("error", (error) => resume(Effect.fail(error)))
    server.listen(name, () => resume(Effect.succeed(server.unref())))
  })

const closeServer = (server: Server) =>
  Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
  })

const holderOf = (name: string) =>
  Effect.callback<number | undefined>((resume) => {
    let answer = ""
    const socket = connect(name)
      .setEncoding("latin1")
      .setTimeout(answerTime, () => socket.destroy())
      .on("data", (data: string) => (answer += data))
      .on("error", () => {})
      .on("close", () => resume(Effect.succeed(pidOf(answer))))
  })

const pidOf = (text: string): number | undefined => (/^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined)

/** Elsewhere: a file with the owner's pid, which counts as long as a process of that number lives. */
export const lockByFile = (
  dir: string,
  path: string
): Effect.Effect<void, DataDirInUse | DataDirUnusable, Scope.Scope> => {
  const file = join(path, "rookery.pid")
  const claim = Effect.try({
    try: () => {
      writeFileSync(file, String(process.pid), { flag: "wx", mode: 0o600 })
    },
    catch: (error) =>
      codeOf(error) === "EEXIST" ? inUse(dir, ownerOf(file)) : new DataDirUnusable({ dir, reason: reasonOf(error) })
  })
  const claimStale = claim.pipe(
    Effect.catchTag("DataDirInUse", (error) =>
      isAlive(error.pid) || !takeAway(file, error.pid) ? Effect.fail(error) : claim
    )
  )
  return Effect.acquireRelease(claimStale, () =>
    Effect.sync(() => {
      if (ownerOf(file) === process.pid) unlinkSync(file)
    })
  )
}

const ownerOf = (file: string): number | undefined => {
  try {
    return pidOf(readFileSync(file, "latin1"))
  } catch {
    return undefined
  }
}

const isAlive = (pid: number | undefined): boolean => {
  // Our own number in a file that we did not write is that of a process of an earlier life, as in a container.
  if (pid === undefined || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === "EPERM"
  }
}

/** Removes a dead owner's file, unless somebody else has replaced it meanwhile. */
const takeAway = (file: string, dead: number | undefined): boolean => {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
  } catch {
    return false
  }
  const robbed = ownerOf(aside)
  try {
    if (robbed !== dead) linkSync(aside, file)
  } finally {
    unlinkSync(aside)
  }
  return robbed === dead
}
