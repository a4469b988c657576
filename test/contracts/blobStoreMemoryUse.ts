import { assert, it } from "@effect/vitest"
import { Effect, type Layer, Stream } from "effect"
import { randomUUID } from "node:crypto"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { BlobKey, BlobStore, ContentType } from "../../src/domain/shared/BlobStore.ts"

setFlagsFromString("--expose-gc")
const collectGarbage: () => void = runInNewContext("gc")

const mebibyte = 1024 * 1024
const contentType = ContentType.make("video/mp4")

/** How much more memory than before the process had at most, in bytes. */
const mostMemoryOf = <A, E, R>(work: (sample: () => void) => Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    collectGarbage()
    const before = process.memoryUsage.rss()
    let most = before
    const sample = () => {
      most = Math.max(most, process.memoryUsage.rss())
    }
    return Effect.map(work(sample), () => most - before)
  })

/**
 * Every BlobStore that keeps bytes outside the process must pass this, in a file of its own: after other tests the heap is
 * larger, and its garbage waits longer. When it is collected is never certain, so the measure may be taken again.
 */
export const blobStoreMemoryUse = <E>(name: string, adapter: Layer.Layer<BlobStore, E>) =>
  it.live(
    `BlobStore: ${name} puts and gets 100 MiB in less than 40 MiB`,
    () =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const key = BlobKey.make(`test/${randomUUID()}`)
        const chunk = new Uint8Array(64 * 1024).fill(7)
        const source = (chunks: number) => Stream.take(Stream.forever(Stream.succeed(chunk)), chunks)
        const size = 100 * mebibyte
        // What is loaded and compiled once, and how far the young generation grows, is not what is measured.
        yield* store.put(key, source(512), { contentType })
        yield* Effect.scoped(Effect.flatMap(store.get(key), ({ stream }) => Stream.runDrain(stream)))

        const putting = yield* mostMemoryOf((sample) =>
          store.put(
            key,
            Stream.tap(source(size / chunk.length), () => Effect.sync(sample)),
            { contentType }
          )
        )
        let read = 0
        const getting = yield* mostMemoryOf((sample) =>
          Effect.scoped(
            Effect.flatMap(store.get(key), ({ stream }) =>
              Stream.runForEach(stream, (bytes) =>
                Effect.sync(() => {
                  read += bytes.length
                  sample()
                })
              )
            )
          )
        )
        yield* store.delete(key)
        assert.strictEqual(read, size)
        assert.isBelow(putting / mebibyte, 40, "MiB to put")
        assert.isBelow(getting / mebibyte, 40, "MiB to get")
      }).pipe(Effect.provide(adapter)),
    { timeout: 120_000, retry: 2 }
  )
