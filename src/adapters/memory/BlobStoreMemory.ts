import { Context, DateTime, Effect, Layer, Stream } from "effect"
import { ofLength } from "../../domain/shared/BlobLength.ts"
import { type BlobRange, spanOf } from "../../domain/shared/BlobRange.ts"
import {
  type BlobInfo,
  type BlobKey,
  BlobNotFound,
  BlobRangeUnsatisfiable,
  BlobStore,
  type BlobStoreUnavailable,
  type PutOptions
} from "../../domain/shared/BlobStore.ts"

/** The blob store as a test sees it. */
export class StoredBlobs extends Context.Service<
  StoredBlobs,
  {
    readonly keys: Effect.Effect<ReadonlyArray<BlobKey>>
    /** What comes before every operation from now on; where it fails, so does the operation, and changes nothing. */
    answer(next: Effect.Effect<void, BlobStoreUnavailable>): Effect.Effect<void>
  }
>()("rookery/adapters/memory/BlobStoreMemory/StoredBlobs") {}

interface Kept {
  readonly info: BlobInfo
  readonly bytes: Uint8Array
}

/** Like the other stores it takes part in no transaction: what is rolled back leaves its blobs. */
export const BlobStoreMemory = Layer.effectContext(
  Effect.sync(() => {
    const blobs = new Map<BlobKey, Kept>()
    let writes = 0
    let answer: Effect.Effect<void, BlobStoreUnavailable> = Effect.void
    const asked = Effect.suspend(() => answer)

    const put = Effect.fnUntraced(function* <E, R>(
      key: BlobKey,
      stream: Stream.Stream<Uint8Array, E, R>,
      { contentType, length }: PutOptions
    ) {
      yield* asked
      const bytes = yield* Stream.mkUint8Array(ofLength(stream, length))
      const lastModified = yield* DateTime.now
      writes += 1
      const info = { size: bytes.length, contentType, etag: `${writes}`, lastModified }
      blobs.set(key, { info, bytes })
      return info
    })

    const find = Effect.fnUntraced(function* (key: BlobKey) {
      yield* asked
      return blobs.get(key) ?? (yield* new BlobNotFound({ key }))
    })

    const get = Effect.fnUntraced(function* (key: BlobKey, range?: BlobRange) {
      const { bytes, info } = yield* find(key)
      if (range === undefined) return { info, span: undefined, stream: Stream.succeed(bytes) }
      const span = spanOf(range, info.size)
      if (span === undefined) return yield* new BlobRangeUnsatisfiable({ key, size: info.size })
      return { info, span, stream: Stream.succeed(bytes.subarray(span.first, span.last + 1)) }
    })

    const list = (prefix: string) =>
      Stream.unwrap(
        Effect.map(asked, () =>
          Stream.fromIterable([...blobs].filter(([key]) => key.startsWith(prefix))).pipe(
            Stream.map(([key, { info }]) => ({ key, size: info.size, lastModified: info.lastModified }))
          )
        )
      )

    return Context.make(
      BlobStore,
      BlobStore.of({
        put,
        get,
        info: (key) => Effect.map(find(key), ({ info }) => info),
        delete: (key) => Effect.map(asked, () => void blobs.delete(key)),
        list
      })
    ).pipe(
      Context.add(
        StoredBlobs,
        StoredBlobs.of({
          keys: Effect.sync(() => [...blobs.keys()]),
          answer: (next) =>
            Effect.sync(() => {
              answer = next
            })
        })
      )
    )
  })
)
