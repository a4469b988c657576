import { assert, layer } from "@effect/vitest"
import { Cause, Context, Deferred, Effect, Exit, Fiber, type Layer, Result, Schema, Stream } from "effect"
import { createHash, randomUUID } from "node:crypto"
import { type BlobRange, spanOf } from "../../src/domain/shared/BlobRange.ts"
import {
  BlobKey,
  BlobLengthMismatch,
  BlobNotFound,
  BlobRangeUnsatisfiable,
  BlobStore,
  ContentType
} from "../../src/domain/shared/BlobStore.ts"

class SourceFailed extends Schema.TaggedError<SourceFailed>()("SourceFailed", { at: Schema.Int }) {}

class Source extends Context.Service<Source, { readonly bytes: Uint8Array }>()("rookery/test/BlobSource") {}

const png = ContentType.make("image/png")
const text = ContentType.make('text/plain; charset=utf-8; title="a;b"')
const octets = { contentType: ContentType.make("application/octet-stream") }

const newFolder = Effect.sync(() => `test/${randomUUID()}`)
const newKey = Effect.map(newFolder, (folder) => BlobKey.make(folder))

/** More than two parts of an upload in parts, and no whole number of anything. */
const large = 11 * 1024 * 1024 + 17

/** The same bytes for the same seed, and no period that a part or a chunk could hide. */
const patterned = (size: number, seed = 1): Uint8Array => {
  const bytes = new Uint8Array(size)
  for (let i = 0, state = seed; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    bytes[i] = state >>> 24
  }
  return bytes
}

const inChunks = (bytes: Uint8Array, size: number) =>
  Stream.fromIterable(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size))
  )

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

const read = Effect.fnUntraced(function* (key: BlobKey, range?: BlobRange) {
  const store = yield* BlobStore
  const { info, span, stream } = yield* store.get(key, range)
  return { info, span, bytes: yield* Stream.mkUint8Array(stream) }
}, Effect.scoped)

const put = Effect.fnUntraced(function* (key: BlobKey, bytes: Uint8Array) {
  return yield* (yield* BlobStore).put(key, Stream.succeed(bytes), octets)
})

const keysUnder = Effect.fnUntraced(function* (prefix: string) {
  const listed = yield* Stream.runCollect((yield* BlobStore).list(prefix))
  return listed.map(({ key }) => String(key)).toSorted()
})

const broken = new SourceFailed({ at: 1 })
const defect = new Error("a defect")
const ways = [
  ["fails", broken, Effect.fail(broken)],
  ["dies", defect, Effect.die(defect)]
] as const

/** Every BlobStore must pass this, wherever it keeps the bytes. */
export const blobStoreContract = <E>(name: string, adapter: Layer.Layer<BlobStore, E>) =>
  layer(adapter, { excludeTestServices: true })(`BlobStore: ${name}`, (it) => {
    it.effect("gives back what was put", () =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const key = yield* newKey
        const bytes = patterned(300_000)
        const before = Date.now()
        const stored = yield* store.put(key, inChunks(bytes, 1000), { contentType: text, length: bytes.length })
        const { info, span, bytes: got } = yield* read(key)
        assert.deepStrictEqual(digest(got), digest(bytes))
        assert.isUndefined(span)
        assert.deepInclude(info, { size: bytes.length, contentType: text, etag: stored.etag })
        assert.deepInclude(stored, { size: bytes.length, contentType: text })
        assert.match(info.etag, /^[\x21\x23-\x7e]+$/)
        // Some stores keep whole seconds, and round them either way.
        assert.approximately(info.lastModified.epochMilliseconds, before, 5000)
        assert.approximately(stored.lastModified.epochMilliseconds, before, 5000)
        assert.deepStrictEqual(yield* store.info(key), info)
      })
    )

    it.effect.each([0, 1, 65_536, 5 * 1024 * 1024, 10 * 1024 * 1024, large])("takes %i bytes", (size) =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const key = yield* newKey
        const bytes = patterned(size)
        const stored = yield* store.put(key, inChunks(bytes, 100_003), octets)
        assert.strictEqual(stored.size, size)
        const { info, bytes: got } = yield* read(key)
        assert.deepStrictEqual([info.size, got.length, digest(got)], [size, size, digest(bytes)])
        assert.strictEqual(info.etag, stored.etag)
        assert.deepStrictEqual(yield* store.info(key), info)
        const [listed] = yield* Stream.runCollect(store.list(key))
        assert.deepInclude(listed, { key, size })
        yield* store.delete(key)
      })
    )

    it.effect("takes a chunk larger than a part, empty chunks, and no chunk", () =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const key = yield* newKey
        const bytes = patterned(large)
        const empty = new Uint8Array(0)
        yield* store.put(key, Stream.make(empty, bytes, empty), { contentType: png, length: large })
        assert.strictEqual(digest((yield* read(key)).bytes), digest(bytes))
        yield* store.put(key, Stream.empty, { contentType: png, length: 0 })
        assert.deepInclude((yield* read(key)).info, { size: 0, contentType: png })
      })
    )

    it.effect("says that there is no such blob", () =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const key = yield* newKey
        yield* put(BlobKey.make(`${key}/below`), patterned(1))
        assert.deepStrictEqual(yield* Effect.flip(read(key)), new BlobNotFound({ key }))
        assert.deepStrictEqual(yield* Effect.flip(read(key, { first: 0 })), new BlobNotFound({ key }))
        assert.deepStrictEqual(yield* Effect.flip(store.info(key)), new BlobNotFound({ key }))
      })
    )

    it.effect("deletes, also what is not there", () =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const key = yield* newKey
        const below = BlobKey.make(`${key}/below`)
        yield* put(key, patterned(10))
        yield* put(below, patterned(11))
        yield* store.delete(key)
        assert.deepStrictEqual(yield* Effect.flip(read(key)), new BlobNotFound({ key }))
        assert.strictEqual((yield* store.info(below)).size, 11)
        yield* store.delete(key)
        yield* store.delete(yield* newKey)
        yield* put(key, patterned(12))
        assert.strictEqual((yield* store.info(key)).size, 12)
      })
    )

    it.effect("replaces bytes, type and etag", () =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const key = yield* newKey
        const first = yield* store.put(key, Stream.succeed(patterned(20, 1)), { contentType: png })
        const second = yield* store.put(key, Stream.succeed(patterned(20, 2)), { contentType: text })
        assert.notStrictEqual(first.etag, second.etag)
        const { info, bytes } = yield* read(key)
        assert.deepInclude(info, { contentType: text, etag: second.etag })
        assert.deepStrictEqual(Array.from(bytes), Array.from(patterned(20, 2)))
      })
    )

    it.effect("shows a reader the old or the new as a whole, whoever writes meanwhile", () =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const key = yield* newKey
        const size = (n: number) => 200_000 + n
        const types = [png, text]
        const write = (n: number) =>
          store.put(key, inChunks(new Uint8Array(size(n)).fill(n), 10_000), { contentType: types[n % 2] ?? png })
        yield* write(0)
        const writers = yield* Effect.forkChild(
          Effect.forEach(
            Array.from({ length: 24 }, (_, n) => n),
            write,
            { concurrency: 3, discard: true }
          )
        )
        let reads = 0
        while (writers.pollUnsafe() === undefined || reads < 5) {
          const { info, bytes } = yield* read(key)
          const n = bytes[0] ?? -1
          assert.deepStrictEqual([bytes.length, info.size], [size(n), size(n)])
          assert.strictEqual(info.contentType, types[n % 2])
          assert.isTrue(bytes.every((byte) => byte === n))
          reads += 1
        }
        yield* Fiber.join(writers)
      })
    )

    it.effect("goes on reading what is overwritten or deleted meanwhile", () =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const key = yield* newKey
        const bytes = patterned(large)
        yield* put(key, bytes)
        const [one, two] = yield* Effect.all([store.get(key), store.get(key, { first: 0 })])
        yield* put(key, patterned(30, 2))
        assert.strictEqual(digest(yield* Stream.mkUint8Array(one.stream)), digest(bytes))
        yield* store.delete(key)
        assert.strictEqual(digest(yield* Stream.mkUint8Array(two.stream)), digest(bytes))
      }).pipe(Effect.scoped)
    )

    it.effect("brings all of what is deleted meanwhile, or fails", () =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const key = yield* newKey
        const bytes = patterned(large)
        yield* put(key, bytes)
        const { stream } = yield* store.get(key)
        yield* store.delete(key)
        const got = yield* Effect.result(Stream.mkUint8Array(stream))
        if (Result.isSuccess(got)) assert.strictEqual(digest(got.success), digest(bytes))
        else assert.strictEqual(got.failure._tag, "BlobStoreUnavailable")
      }).pipe(Effect.scoped)
    )

    for (const [how, expected, end] of ways) {
      it.effect.each([0, 1000, large])(`leaves nothing behind of a stream that ${how} after %i bytes`, (size) =>
        Effect.gen(function* () {
          const store = yield* BlobStore
          const [key, kept] = [yield* newKey, yield* newKey]
          yield* put(kept, patterned(40))
          const cutOff = Stream.concat(inChunks(patterned(size, 2), 60_000), Stream.fromEffect(end))
          for (const options of [octets, { ...octets, length: size + 1 }]) {
            const exit = yield* Effect.exit(store.put(key, cutOff, options))
            assert.strictEqual(Exit.isFailure(exit) && Cause.squash(exit.cause), expected)
            yield* Effect.exit(store.put(kept, cutOff, options))
          }
          assert.deepStrictEqual(yield* keysUnder(key), [])
          assert.deepStrictEqual(yield* Effect.flip(store.info(key)), new BlobNotFound({ key }))
          assert.strictEqual(digest((yield* read(kept)).bytes), digest(patterned(40)))
        })
      )
    }

    it.effect.each([1000, large])("leaves nothing behind when it is interrupted after %i bytes", (size) =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const key = yield* newKey
        const waits = yield* Deferred.make<void>()
        const endless = inChunks(patterned(size), 60_000).pipe(
          Stream.concat(Stream.fromEffect(Effect.andThen(Deferred.succeed(waits, undefined), Effect.never)))
        )
        const writing = yield* Effect.forkChild(store.put(key, endless, octets))
        yield* Deferred.await(waits)
        yield* Fiber.interrupt(writing)
        assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(writing)))
        assert.deepStrictEqual(yield* keysUnder(key), [])
      })
    )

    it.effect.each([
      [10, 9],
      [10, 11],
      [0, 1],
      [1, 0],
      [large, large + 1],
      [large, large - 1],
      [5 * 1024 * 1024, 5 * 1024 * 1024 - 1]
    ])("refuses a stream of %i bytes that was announced as %i", ([size, announced]) =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const key = yield* newKey
        const error = yield* Effect.flip(
          store.put(key, inChunks(patterned(size), 70_001), { ...octets, length: announced })
        )
        assert.deepStrictEqual(error, new BlobLengthMismatch({ announced }))
        assert.deepStrictEqual(yield* keysUnder(key), [])
      })
    )

    it.effect("does not wait for the end of what is longer than announced", () =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const endless = Stream.forever(Stream.succeed(patterned(100)))
        const error = yield* Effect.flip(store.put(yield* newKey, endless, { ...octets, length: 1000 }))
        assert.deepStrictEqual(error, new BlobLengthMismatch({ announced: 1000 }))
      })
    )

    it.effect("takes a stream with needs of its own", () =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const key = yield* newKey
        const stream = Stream.fromEffect(Effect.map(Source, ({ bytes }) => bytes))
        yield* store.put(key, stream, octets).pipe(Effect.provideService(Source, { bytes: patterned(50) }))
        assert.strictEqual((yield* store.info(key)).size, 50)
      })
    )

    it.effect("gives the bytes of a range, or says how many there are", () =>
      Effect.gen(function* () {
        const key = yield* newKey
        const bytes = patterned(10)
        yield* put(key, bytes)
        const edges = [0, 1, 5, 9, 10, 11, 1_000_000]
        const ranges: ReadonlyArray<BlobRange> = [
          ...edges.map((first) => ({ first })),
          ...edges.flatMap((first) => edges.filter((last) => last >= first).map((last) => ({ first, last }))),
          ...edges.map((suffix) => ({ suffix }))
        ]
        for (const range of ranges) {
          const span = spanOf(range, 10)
          if (span === undefined) {
            assert.deepStrictEqual(
              yield* Effect.flip(read(key, range)),
              new BlobRangeUnsatisfiable({ key, size: 10 }),
              JSON.stringify(range)
            )
            continue
          }
          const got = yield* read(key, range)
          assert.deepStrictEqual(got.span, span, JSON.stringify(range))
          assert.strictEqual(got.info.size, 10)
          assert.deepStrictEqual(Array.from(got.bytes), Array.from(bytes.slice(span.first, span.last + 1)))
        }
        assert.deepStrictEqual((yield* read(key, { first: 3 })).info, (yield* read(key)).info)
      })
    )

    it.effect("has no range in a blob of no bytes", () =>
      Effect.gen(function* () {
        const key = yield* newKey
        yield* put(key, new Uint8Array(0))
        const expected = new BlobRangeUnsatisfiable({ key, size: 0 })
        for (const range of [{ first: 0 }, { first: 0, last: 0 }, { suffix: 1 }, { suffix: 0 }]) {
          assert.deepStrictEqual(yield* Effect.flip(read(key, range)), expected)
        }
      })
    )

    it.effect("gives ranges over the seams of parts", () =>
      Effect.gen(function* () {
        const key = yield* newKey
        const bytes = patterned(large)
        const part = 5 * 1024 * 1024
        yield* (yield* BlobStore).put(key, inChunks(bytes, 99_991), octets)
        for (const [first, last] of [
          [part - 1, part],
          [part, 2 * part],
          [1, large - 2],
          [2 * part + 1, large - 1]
        ] as const) {
          const got = yield* read(key, { first, last })
          assert.deepStrictEqual([got.span, got.info.size], [{ first, last }, large])
          assert.strictEqual(digest(got.bytes), digest(bytes.subarray(first, last + 1)))
        }
      })
    )

    it.effect("lists the keys that begin so", () =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const folder = yield* newFolder
        const names = ["a", "a-b", "a/1", "a/2", "a/2/x", "a/2/y", "a_", "ab/1", "b/c/d/e/f"]
        yield* Effect.forEach(names, (name) => put(BlobKey.make(`${folder}/${name}`), patterned(name.length)))
        const expected = (prefix: string) =>
          names.filter((name) => name.startsWith(prefix)).map((n) => `${folder}/${n}`)
        for (const prefix of ["", "a", "a/", "a/2", "a/2/", "a-", "b/c", "b/c/d/e/f", "c", "a/2/x/"]) {
          assert.deepStrictEqual(yield* keysUnder(`${folder}/${prefix}`), expected(prefix).toSorted(), prefix)
        }
        assert.includeMembers(yield* keysUnder(""), expected(""))
        for (const prefix of ["..", "../", `${folder}/../`, "/", "A", `${folder}/a%`, ".writing/"]) {
          assert.deepStrictEqual(yield* keysUnder(prefix), [], prefix)
        }
        const sizes = yield* Stream.runCollect(store.list(`${folder}/`))
        for (const { key, size, lastModified } of sizes) {
          assert.strictEqual(size, key.length - folder.length - 1)
          assert.approximately(lastModified.epochMilliseconds, Date.now(), 30_000)
        }
        // What is listed may be deleted while the listing goes on.
        yield* Stream.runForEach(store.list(`${folder}/`), ({ key }) => store.delete(key))
        assert.deepStrictEqual(yield* keysUnder(`${folder}/`), [])
      })
    )

    it.effect("takes the longest key, and keys beside and below one another", () =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const key = yield* newKey
        const longest = `${key}/${"z".repeat(200)}`.slice(0, 200)
        const keys = [key, `${key}/a`, `${key}/a/b`, `${key}/a/b/c`, `${key}-blob`, `${key}_`, longest]
        yield* Effect.forEach(keys, (name, n) => put(BlobKey.make(name), patterned(n + 1)), { concurrency: 7 })
        for (const [n, name] of keys.entries()) {
          assert.deepInclude(yield* store.info(BlobKey.make(name)), { size: n + 1 }, name)
        }
      })
    )

    it.effect("serves many at once", () =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const folder = yield* newFolder
        const keys = Array.from({ length: 40 }, (_, n) => BlobKey.make(`${folder}/${n}`))
        yield* Effect.forEach(keys, (key, n) => put(key, patterned(5000, n)), { concurrency: 20 })
        yield* Effect.forEach(
          keys,
          (key, n) =>
            Effect.map(read(key), ({ bytes }) => assert.strictEqual(digest(bytes), digest(patterned(5000, n)))),
          { concurrency: 20 }
        )
        yield* Effect.forEach(keys, store.delete, { concurrency: 20 })
        assert.deepStrictEqual(yield* keysUnder(folder), [])
      })
    )

    it.effect("bears readers that stop early or never begin", () =>
      Effect.gen(function* () {
        const store = yield* BlobStore
        const key = yield* newKey
        yield* put(key, patterned(large))
        for (let n = 0; n < 30; n++) {
          yield* Effect.scoped(store.get(key))
          const { stream } = yield* store.get(key)
          assert.strictEqual((yield* Stream.runCollect(Stream.take(stream, 1))).length, 1)
        }
        assert.strictEqual((yield* read(key)).bytes.length, large)
      }).pipe(Effect.scoped)
    )
  })
