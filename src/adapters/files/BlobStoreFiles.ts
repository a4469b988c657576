import { DateTime, Effect, Layer, Stream } from "effect"
import { createHash } from "node:crypto"
import { constants } from "node:fs"
import { type FileHandle, open, rename, rm, unlink } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { ofLength } from "../../domain/shared/BlobLength.ts"
import { type BlobRange, spanOf } from "../../domain/shared/BlobRange.ts"
import {
  type BlobInfo,
  type BlobKey,
  BlobNotFound,
  BlobRangeUnsatisfiable,
  BlobStore,
  type PutOptions
} from "../../domain/shared/BlobStore.ts"
import { bytesOf, encodeHead, headSize, readHead } from "./BlobFile.ts"
import { makeFolder, newTemporary, openFolder, pathOf, syncFolder, walk } from "./BlobFolder.ts"
import { attempt, type FileFailed, unavailable } from "./FileFailed.ts"

export interface BlobStoreFilesOptions {
  /** Made where it is missing (0700). Nothing else should lie in it. */
  readonly dir: string
}

/** Its failures are told apart from the stream's own, which pass as they are. */
const write = <A>(work: () => Promise<A>) => Effect.mapError(attempt(work), unavailable)

/**
 * One file for each blob. It is written beside its place, synced, renamed, and its folder synced: a power cut leaves the
 * old or the new. Overwritten and deleted blobs stay readable to whoever has them open.
 */
export const BlobStoreFiles = (options: BlobStoreFilesOptions) =>
  Layer.effect(
    BlobStore,
    Effect.gen(function* () {
      const dir = resolve(options.dir)
      yield* Effect.mapError(openFolder(dir), unavailable)

      const fill = Effect.fnUntraced(function* <E, R>(
        handle: FileHandle,
        stream: Stream.Stream<Uint8Array, E, R>,
        { contentType, length }: PutOptions
      ) {
        const hash = createHash("sha256")
        let size = 0
        yield* write(() => handle.writeFile(Buffer.alloc(headSize)))
        yield* Stream.runForEach(ofLength(stream, length), (chunk) => {
          hash.update(chunk)
          size += chunk.length
          return write(() => handle.writeFile(chunk))
        })
        const etag = hash.digest("base64url")
        yield* write(() => handle.write(encodeHead({ contentType, etag, size }), 0, headSize, 0))
        const lastModified = yield* DateTime.now
        const date = DateTime.toDateUtc(lastModified)
        yield* write(() => handle.utimes(date, date))
        yield* write(() => handle.sync())
        return { size, contentType, etag, lastModified } satisfies BlobInfo
      })

      const publish = Effect.fnUntraced(
        function* (temporary: string, path: string) {
          yield* makeFolder(dirname(path))
          yield* attempt(() => rename(temporary, path))
          yield* syncFolder(dirname(path))
        },
        Effect.mapError(unavailable),
        Effect.uninterruptible
      )

      const put = <E, R>(key: BlobKey, stream: Stream.Stream<Uint8Array, E, R>, options: PutOptions) =>
        Effect.suspend(() => {
          const temporary = newTemporary(dir)
          return Effect.acquireUseRelease(
            write(() => open(temporary, "wx", 0o600)),
            (handle) => Effect.tap(fill(handle, stream, options), publish(temporary, pathOf(dir, key))),
            // Closing waits for a write that is under way. What was renamed is not there to be removed.
            (handle) =>
              attempt(() => handle.close()).pipe(
                Effect.andThen(attempt(() => rm(temporary, { force: true }))),
                Effect.ignore
              )
          )
        }).pipe(Effect.withSpan("BlobStore.put"))

      const openBlob = Effect.fnUntraced(function* (key: BlobKey) {
        const path = pathOf(dir, key)
        const handle = yield* Effect.acquireRelease(
          attempt(() => open(path, constants.O_RDONLY | constants.O_NOFOLLOW)),
          (opened) => Effect.ignore(attempt(() => opened.close()))
        )
        const { head, modifiedAt } = yield* readHead(handle, path)
        const info: BlobInfo = { ...head, lastModified: DateTime.fromDateUnsafe(modifiedAt) }
        return { handle, info, path }
      })

      const found = (key: BlobKey) => (error: FileFailed) =>
        error.code === "ENOENT" ? new BlobNotFound({ key }) : unavailable(error)

      const get = Effect.fn("BlobStore.get")(function* (key: BlobKey, range?: BlobRange) {
        const { handle, info, path } = yield* Effect.mapError(openBlob(key), found(key))
        if (range === undefined) {
          return { info, span: undefined, stream: bytesOf(handle, { first: 0, last: info.size - 1 }, path) }
        }
        const span = spanOf(range, info.size)
        if (span === undefined) return yield* new BlobRangeUnsatisfiable({ key, size: info.size })
        return { info, span, stream: bytesOf(handle, span, path) }
      })

      const info = Effect.fn("BlobStore.info")(function* (key: BlobKey) {
        return (yield* Effect.mapError(Effect.scoped(openBlob(key)), found(key))).info
      })

      const remove = Effect.fn("BlobStore.delete")(function* (key: BlobKey) {
        const path = pathOf(dir, key)
        yield* attempt(() => unlink(path))
        yield* syncFolder(dirname(path))
      })

      return BlobStore.of({
        put,
        get,
        info,
        delete: (key) =>
          remove(key).pipe(
            Effect.catchIf(
              (error) => error.code === "ENOENT",
              () => Effect.void
            ),
            Effect.mapError(unavailable)
          ),
        list: (prefix) =>
          walk(dir, prefix).pipe(
            Stream.map((blob) => ({ ...blob, size: blob.size - headSize })),
            Stream.mapError(unavailable)
          )
      })
    })
  )
