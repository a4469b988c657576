import { DateTime, Effect, Option, Schema, Stream } from "effect"
import { randomUUID } from "node:crypto"
import type { Dirent } from "node:fs"
import { lstat, mkdir, open, opendir, readdir, rm, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { BlobKey, type ListedBlob } from "../../domain/shared/BlobStore.ts"
import { attempt, FileFailed } from "./FileFailed.ts"

/** No key has a dot in it. So a blob is never in the way of the folder of others, nor of the folder of what is written. */
const suffix = ".blob"
const writing = ".writing"

const isKey = Schema.is(BlobKey)

/** This process, told from an earlier one of the same pid: in a container that is always 1. */
const writer = `${process.pid}-${randomUUID()}`

export const pathOf = (dir: string, key: BlobKey): string => join(dir, ...key.split("/")) + suffix

/** Where a blob is written before it gets its name. The same file system, so that it can be renamed. */
export const newTemporary = (dir: string): string => join(dir, writing, `${writer}-${randomUUID()}`)

/** A file's name is safe from a power cut when its folder was synced. */
export const syncFolder = (path: string) =>
  Effect.acquireUseRelease(
    attempt(() => open(path, "r")),
    (handle) => attempt(() => handle.sync()),
    (handle) => Effect.ignore(attempt(() => handle.close()))
  )

/**
 * Makes the folder and those above it, durably. Node's own `recursive` never returns where a file system takes no new
 * folders, as /proc.
 */
export const makeFolder = (path: string): Effect.Effect<void, FileFailed> => {
  const above = dirname(path)
  const make = Effect.andThen(
    attempt(() => mkdir(path, { mode: 0o700 })),
    syncFolder(above)
  )
  return make.pipe(
    Effect.catchIf(
      ({ code }) => code === "ENOENT" && above !== path,
      () => Effect.andThen(makeFolder(above), make)
    ),
    Effect.catchIf(
      ({ code }) => code === "EEXIST",
      (error) =>
        Effect.filterOrFail(
          attempt(() => stat(path)),
          (found) => found.isDirectory(),
          () => error
        )
    ),
    Effect.asVoid
  )
}

const lives = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

/** Makes the folder ready, and takes away what killed writers left. Writers that live, in this process or not, keep theirs. */
export const openFolder = Effect.fnUntraced(function* (dir: string) {
  const folder = join(dir, writing)
  yield* makeFolder(folder)
  for (const name of yield* attempt(() => readdir(folder))) {
    const pid = Number.parseInt(name, 10)
    const kept = pid === process.pid ? name.startsWith(writer) : pid > 0 && lives(pid)
    if (!kept) yield* attempt(() => rm(join(folder, name), { force: true, recursive: true }))
  }
})

const gone = (error: FileFailed) => error.code === "ENOENT"

const listed = (dir: string, key: BlobKey): Effect.Effect<Option.Option<ListedBlob>, FileFailed> =>
  attempt(() => lstat(pathOf(dir, key))).pipe(
    Effect.map((stat) => Option.some({ key, size: stat.size, lastModified: DateTime.fromDateUnsafe(stat.mtime) })),
    Effect.catchIf(gone, () => Effect.succeedNone)
  )

/** The blobs whose keys begin with the prefix, `size` being that of their files. Enters only folders that can have some. */
export const walk = (dir: string, prefix: string, folder = ""): Stream.Stream<ListedBlob, FileFailed> => {
  const visit = (entry: Dirent): Stream.Stream<ListedBlob, FileFailed> => {
    const name = folder + entry.name
    if (entry.isDirectory()) {
      const below = `${name}/`
      return isKey(name) && (below.startsWith(prefix) || prefix.startsWith(below))
        ? walk(dir, prefix, below)
        : Stream.empty
    }
    const key = name.slice(0, -suffix.length)
    return entry.isFile() && name.endsWith(suffix) && key.startsWith(prefix) && isKey(key)
      ? Stream.fromIterableEffect(Effect.map(listed(dir, key), Option.toArray))
      : Stream.empty
  }
  return Stream.unwrap(
    attempt(() => opendir(join(dir, folder), { bufferSize: 64 })).pipe(
      Effect.map((entries) => Stream.fromAsyncIterable(entries, () => new FileFailed({ code: "unreadable" }))),
      Effect.catchIf(gone, () => Effect.succeed(Stream.empty))
    )
  ).pipe(Stream.flatMap(visit))
}
