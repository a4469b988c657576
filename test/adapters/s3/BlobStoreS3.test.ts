import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Layer, Redacted, Schedule, Stream } from "effect"
import { TestClock } from "effect/testing"
import { execFile } from "node:child_process"
import { join } from "node:path"
import { inspect, promisify } from "node:util"
import { BlobStoreS3, type BlobStoreS3Options } from "../../../src/adapters/s3/BlobStoreS3.ts"
import { BlobKey, BlobNotFound, BlobStore, ContentType } from "../../../src/domain/shared/BlobStore.ts"
import { blobStoreContract } from "../../contracts/blobStoreContract.ts"
import { describeWith, s3Url } from "../../support/Services.ts"
import { error, fakeS3, silence, stored, tenBytesAnd } from "./FakeS3.ts"
import { inNewBucket, newBucket, s3, settings } from "./S3Store.ts"

const key = BlobKey.make("avatars/7")
const png = { contentType: ContentType.make("image/png") }
const bytes = new Uint8Array(5000).fill(9)
const large = Stream.take(Stream.forever(Stream.succeed(new Uint8Array(64 * 1024))), 100)

const open = (options: Partial<BlobStoreS3Options>) =>
  Effect.map(Layer.build(BlobStoreS3({ ...settings, bucket: "rookery-test", ...options })), (services) =>
    Context.get(services, BlobStore)
  )

/** Each thing that can be asked of a store. */
const questions = (store: BlobStore["Service"]): ReadonlyArray<Effect.Effect<unknown, unknown>> => [
  store.put(key, Stream.succeed(bytes), png),
  store.put(key, large, png),
  Effect.scoped(store.get(key)),
  Effect.scoped(store.get(key, { first: 1 })),
  store.info(key),
  store.delete(key),
  Stream.runDrain(store.list(""))
]

const drained = (store: BlobStore["Service"]) =>
  Effect.scoped(Effect.flatMap(store.get(key), ({ stream }) => Stream.runDrain(stream)))

const uploadsIn = (Bucket: string) =>
  Effect.promise(async () => (await s3.listMultipartUploads({ Bucket })).Uploads ?? [])

describeWith(s3Url)("S3", () => {
  blobStoreContract("S3", inNewBucket)

  it.live("makes the bucket, and makes it again when it is gone", () =>
    Effect.gen(function* () {
      const bucket = yield* newBucket
      const stores = yield* Effect.all([open({ bucket }), open({ bucket }), open({ bucket })])
      yield* Effect.forEach(stores, (store) => store.put(key, Stream.succeed(bytes), png), { concurrency: 3 })
      const [store] = stores
      yield* store.delete(key)
      yield* Effect.promise(() => s3.deleteBucket({ Bucket: bucket }))
      const put = store.put(key, Stream.succeed(bytes), png)
      assert.deepInclude(yield* Effect.flip(put), { reason: "S3 answered 404 NoSuchBucket" })
      yield* put
      assert.strictEqual((yield* store.info(key)).size, 5000)
    }).pipe(Effect.scoped)
  )

  it.live("takes back the parts of what failed", () =>
    Effect.gen(function* () {
      const bucket = yield* newBucket
      const store = yield* open({ bucket })
      let seen = 0
      const failing = large.pipe(
        Stream.concat(
          Stream.fromEffect(
            Effect.flatMap(uploadsIn(bucket), ({ length }) => {
              seen = length
              return Effect.fail("broken")
            })
          )
        )
      )
      assert.strictEqual(yield* Effect.flip(store.put(key, failing, png)), "broken")
      assert.strictEqual(seen, 1)
      assert.lengthOf(yield* uploadsIn(bucket), 0)
    }).pipe(Effect.scoped)
  )

  it.effect("takes away uploads of killed processes after a day", () =>
    Effect.gen(function* () {
      const bucket = yield* newBucket
      yield* Effect.promise(() => s3.createBucket({ Bucket: bucket }))
      for (const Key of ["a", "b/c"]) yield* Effect.promise(() => s3.createMultipartUpload({ Bucket: bucket, Key }))
      const soon = (uploads: number) =>
        Effect.map(uploadsIn(bucket), ({ length }) => assert.strictEqual(length, uploads)).pipe(
          Effect.sandbox,
          Effect.retry({ times: 50, schedule: Schedule.spaced("100 millis") }),
          TestClock.withLive
        )
      yield* TestClock.setTime(Date.now() + Duration.toMillis("23 hours"))
      const store = yield* open({ bucket })
      yield* store.put(key, Stream.succeed(bytes), png)
      yield* TestClock.withLive(Effect.sleep("500 millis"))
      yield* soon(2)
      yield* TestClock.adjust("2 hours")
      yield* open({ bucket })
      yield* soon(0)
    }).pipe(Effect.scoped)
  )

  it.live("says that its key is refused, and not what it is", () =>
    Effect.gen(function* () {
      const secretAccessKey = Redacted.make("a-secret-that-is-wrong")
      const store = yield* open({ bucket: yield* newBucket, secretAccessKey })
      for (const question of questions(store)) {
        const failure = yield* Effect.flip(question)
        assert.deepInclude(failure, { _tag: "BlobStoreUnavailable" })
        assert.match(JSON.stringify(failure), /S3 answered 403 (SignatureDoesNotMatch|Unknown)/)
        assert.notInclude(inspect(failure, { depth: 20, showHidden: true }), "a-secret-that-is-wrong")
        assert.notInclude(inspect(failure, { depth: 20, showHidden: true }), settings.accessKeyId)
      }
    }).pipe(Effect.scoped)
  )
})

describe("BlobStore: S3 in trouble", () => {
  it.live("starts without the store, and fails use by use", () =>
    Effect.gen(function* () {
      const store = yield* open({ endpoint: "http://127.0.0.1:1" })
      for (const question of questions(store)) {
        assert.deepInclude(yield* Effect.flip(question), { _tag: "BlobStoreUnavailable", reason: "S3: ECONNREFUSED" })
      }
    }).pipe(Effect.scoped)
  )

  it.live("waits no longer than it has patience for", () =>
    Effect.gen(function* () {
      const endpoint = yield* fakeS3(() => silence)
      const store = yield* open({ endpoint, patience: Duration.millis(200) })
      for (const question of questions(store)) {
        const [time, failure] = yield* Effect.timed(Effect.flip(question))
        assert.deepInclude(failure, { _tag: "BlobStoreUnavailable", reason: "S3: no answer in time" })
        assert.isBelow(Duration.toMillis(time), 2000)
      }
    }).pipe(Effect.scoped)
  )

  it.live("asks again when the store is busy", () =>
    Effect.gen(function* () {
      const endpoint = yield* fakeS3((n) => (n < 2 ? error(503, "SlowDown") : stored))
      const store = yield* open({ endpoint })
      assert.deepInclude(yield* store.put(key, Stream.succeed(bytes), png), { etag: "abc", size: 5000 })
    }).pipe(Effect.scoped)
  )

  const missing = error(404, "NoSuchKey")

  it.live("looks again for what is missing: it may be being replaced", () =>
    Effect.gen(function* () {
      for (const misses of [1, 2]) {
        const endpoint = yield* fakeS3((n) => (n < misses ? missing : stored))
        assert.strictEqual((yield* (yield* open({ endpoint })).info(key)).etag, "abc")
        const another = yield* fakeS3((n) => (n < misses ? missing : stored))
        assert.strictEqual((yield* (yield* open({ endpoint: another })).get(key)).info.etag, "abc")
      }
    }).pipe(Effect.scoped)
  )

  it.live("soon says that a blob is missing which is", () =>
    Effect.gen(function* () {
      let asked = 0
      const endpoint = yield* fakeS3(() => {
        asked += 1
        return missing
      })
      const store = yield* open({ endpoint })
      for (const question of [store.info(key), Effect.asVoid(store.get(key))]) {
        asked = 0
        const [time, failure] = yield* Effect.timed(Effect.flip(question))
        assert.deepStrictEqual(failure, new BlobNotFound({ key }))
        assert.strictEqual(asked, 3)
        assert.isBelow(Duration.toMillis(time), 2000)
      }
    }).pipe(Effect.scoped)
  )

  it.live("passes on no text of an answer", () =>
    Effect.gen(function* () {
      const { accessKeyId } = settings
      const endpoint = yield* fakeS3(() => error(403, `Denied for ${accessKeyId}`, `${accessKeyId} may not`))
      const store = yield* open({ endpoint })
      for (const question of questions(store)) {
        const failure = yield* Effect.flip(question)
        assert.deepInclude(failure, { _tag: "BlobStoreUnavailable" })
        assert.notInclude(inspect(failure, { depth: 20, showHidden: true }), accessKeyId)
      }
    }).pipe(Effect.scoped)
  )

  it.live("fails the stream of a blob that is cut off", () =>
    Effect.gen(function* () {
      const endpoint = yield* fakeS3(() => tenBytesAnd((response) => response.destroy()))
      assert.deepInclude(yield* Effect.flip(drained(yield* open({ endpoint }))), { reason: "S3: ECONNRESET" })
    }).pipe(Effect.scoped)
  )

  it.live("fails the stream of a blob whose bytes stop coming, however long its reader takes", () =>
    Effect.gen(function* () {
      const endpoint = yield* fakeS3(() => tenBytesAnd(() => {}))
      const store = yield* open({ endpoint, patience: Duration.millis(300) })
      let seen = 0
      const reading = Effect.flatMap(store.get(key), ({ stream }) =>
        Stream.runForEach(stream, (chunk) => {
          seen += chunk.length
          return Effect.sleep("500 millis")
        })
      )
      assert.deepInclude(yield* Effect.flip(Effect.scoped(reading)), { reason: "S3: no more bytes in time" })
      assert.strictEqual(seen, 10)
    }).pipe(Effect.scoped)
  )

  it.live("interrupts what is asked", () =>
    Effect.gen(function* () {
      const endpoint = yield* fakeS3(() => silence)
      const store = yield* open({ endpoint })
      for (const question of questions(store)) {
        const [time] = yield* Effect.timed(Effect.timeoutOption(question, "100 millis"))
        assert.isBelow(Duration.toMillis(time), 2000)
      }
    }).pipe(Effect.scoped)
  )

  it.live("loads its SDK only when it is used", () =>
    Effect.gen(function* () {
      const code = `
        import { createRequire, registerHooks } from "node:module"
        const loaded = []
        registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
        const { connectS3 } = await import(${JSON.stringify(join(import.meta.dirname, "../../../src/adapters/s3/S3Connection.ts"))})
        await import(${JSON.stringify(join(import.meta.dirname, "../../../src/adapters/s3/BlobStoreS3.ts"))})
        const before = loaded.filter((url) => url.includes("@aws-sdk")).length
        const { Effect, Redacted } = await import("effect")
        await Effect.runPromise(Effect.scoped(connectS3({ endpoint: "http://127.0.0.1:1", region: "r", bucket: "b", accessKeyId: "a", secretAccessKey: Redacted.make("s") })))
        console.log(before, loaded.filter((url) => url.includes("@aws-sdk")).length > 0)
      `
      const { stdout } = yield* Effect.promise(() =>
        promisify(execFile)(process.execPath, ["--input-type=module", "--eval", code], {
          cwd: join(import.meta.dirname, "../../..")
        })
      )
      assert.strictEqual(stdout, "0 true\n")
    })
  )
})
