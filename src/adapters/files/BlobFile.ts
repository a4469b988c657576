import { Effect, Option, Schema, Stream } from "effect"
import type { FileHandle } from "node:fs/promises"
import type { ByteSpan } from "../../domain/shared/BlobRange.ts"
import { ContentType } from "../../domain/shared/BlobStore.ts"
import { attempt, unavailable } from "./FileFailed.ts"

/**
 * A blob's file is a head of this many bytes and then the blob's own. What is known of a blob lies in its file, not beside
 * it: two files cannot be replaced in one step, and a reader would see the type of the one blob on the bytes of another.
 */
export const headSize = 1024

const magic = "rookery blob 1 "

const Head = Schema.Struct({ contentType: ContentType, etag: Schema.String, size: Schema.Int })
export type Head = typeof Head.Type

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Head))

/** One line, filled up with spaces. A type of 255 characters, each of them escaped, leaves room. */
export const encodeHead = (head: Head): Buffer =>
  Buffer.from(`${(magic + JSON.stringify(head)).padEnd(headSize - 1)}\n`, "latin1")

/** Dies where the file is no blob, or no whole one: a power cut can do that to a disk that lies about what it wrote. */
export const readHead = Effect.fnUntraced(function* (handle: FileHandle, path: string) {
  const { buffer, bytesRead } = yield* attempt(() => handle.read(Buffer.alloc(headSize), 0, headSize, 0))
  const text = buffer.toString("latin1", 0, bytesRead)
  const stat = yield* attempt(() => handle.stat())
  const damaged = Effect.die(new Error(`${path} is damaged`))
  if (bytesRead !== headSize || !text.startsWith(magic)) return yield* damaged
  const head = yield* Effect.catch(decode(text.slice(magic.length)), () => damaged)
  if (stat.size !== headSize + head.size) return yield* damaged
  return { head, modifiedAt: stat.mtime }
})

/** Read at once, in bytes. With chunks of 64 KiB so few objects are made that twice the memory waits to be collected. */
const chunkSize = 32 * 1024

/** The span's bytes of an open blob. */
export const bytesOf = (handle: FileHandle, { first, last }: ByteSpan, path: string) => {
  const end = headSize + last + 1
  const read = Effect.fnUntraced(function* (position: number) {
    const length = Math.min(chunkSize, end - position)
    if (length === 0) return [[], Option.none<number>()] as const
    const { buffer, bytesRead } = yield* attempt(() => handle.read(Buffer.allocUnsafe(length), 0, length, position))
    if (bytesRead === 0) return yield* Effect.die(new Error(`${path} was cut off while it was read`))
    const next = position + bytesRead
    return [[buffer.subarray(0, bytesRead)], next < end ? Option.some(next) : Option.none<number>()] as const
  })
  return Stream.paginate(headSize + first, read).pipe(Stream.mapError(unavailable))
}
