import { assert, describe, it } from "@effect/vitest"
import { Cause, Context, Deferred, Effect, Exit, Fiber, Layer, Stream } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { BlobStoreFiles } from "../../../src/adapters/files/BlobStoreFiles.ts"
import { BlobKey, BlobNotFound, BlobStore, ContentType } from "../../../src/domain/shared/BlobStore.ts"
import { blobStoreContract } from "../../contracts/blobStoreContract.ts"
import { inNewDir, newDir } from "./BlobDir.ts"

blobStoreContract("files", inNewDir)

const key = BlobKey.make("avatars/7")
const png = { contentType: ContentType.make("image/png") }
const bytes = new Uint8Array(5000).fill(9)

const open = (dir: string) =>
  Effect.map(Layer.build(BlobStoreFiles({ dir })), (services) => Context.get(services, BlobStore))

const opened = Effect.gen(function* () {
  const dir = yield* newDir
  return { dir, store: yield* open(dir), file: join(dir, "avatars/7.blob"), writing: join(dir, ".writing") }
})

const get = (store: BlobStore["Service"]) =>
  Effect.scoped(Effect.flatMap(store.get(key), ({ stream }) => Stream.mkUint8Array(stream)))

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

describe("BlobStore: files", () => {
  it.live("keeps blobs for the next process", () =>
    Effect.gen(function* () {
      const { dir, store } = yield* opened
      const info = yield* store.put(key, Stream.succeed(bytes), png)
      const next = yield* open(dir)
      assert.deepStrictEqual(yield* get(next), Buffer.from(bytes))
      assert.deepStrictEqual(yield* next.info(key), info)
    }).pipe(Effect.scoped)
  )

  it.live("takes away what a killed writer left, and nothing of those that live", () =>
    Effect.gen(function* () {
      const { dir, store, writing } = yield* opened
      const began = yield* Deferred.make<void>()
      const gate = yield* Deferred.make<void>()
      const slow = Stream.make(bytes).pipe(
        Stream.concat(
          Stream.fromEffect(Effect.as(Effect.andThen(Deferred.succeed(began, undefined), Deferred.await(gate)), bytes))
        )
      )
      const living = yield* Effect.forkChild(store.put(key, slow, png))
      yield* Deferred.await(began)
      const child = spawn(process.execPath, [join(import.meta.dirname, "blobWriter.ts"), dir], {
        stdio: ["ignore", "pipe", "inherit"]
      })
      yield* Effect.promise(() => once(child.stdout, "data"))
      yield* open(dir)
      assert.lengthOf(readdirSync(writing), 2)
      const gone = once(child, "exit")
      child.kill("SIGKILL")
      yield* Effect.promise(() => gone)
      // What an earlier process of this pid left, as it is after a restart in a container.
      writeFileSync(join(writing, `${process.pid}-earlier-1`), "x")
      assert.lengthOf(readdirSync(writing), 3)
      const next = yield* open(dir)
      assert.lengthOf(readdirSync(writing), 1)
      assert.deepStrictEqual(yield* Stream.runCollect(next.list("")), [])
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual((yield* Fiber.join(living)).size, 10_000)
      assert.deepStrictEqual(readdirSync(writing), [])
      assert.strictEqual((yield* get(next)).length, 10_000)
    }).pipe(Effect.scoped)
  )

  it.live("leaves nothing of what failed", () =>
    Effect.gen(function* () {
      const { store, writing } = yield* opened
      const broken = Stream.concat(Stream.succeed(bytes), Stream.fail("broken"))
      assert.strictEqual(yield* Effect.flip(store.put(key, broken, png)), "broken")
      yield* Effect.flip(store.put(key, Stream.succeed(bytes), { ...png, length: 1 }))
      const endless = Stream.concat(Stream.succeed(bytes), Stream.never)
      yield* Effect.timeoutOption(store.put(key, endless, png), "100 millis")
      assert.deepStrictEqual(readdirSync(writing), [])
    }).pipe(Effect.scoped)
  )

  it.live("lets nobody else read them", () =>
    Effect.gen(function* () {
      const umask = process.umask(0)
      const dir = join(yield* newDir, "a", "b")
      const store = yield* open(dir)
      yield* store.put(key, Stream.succeed(bytes), png)
      process.umask(umask)
      assert.strictEqual(modeOf(join(dir, "avatars/7.blob")), "600")
      for (const folder of ["", "avatars", ".writing"]) assert.strictEqual(modeOf(join(dir, folder)), "700")
    }).pipe(Effect.scoped)
  )

  // Where Node's own way to make folders never returns, as where a file lies in the way.
  it.live("fails where its folder can't be made", () =>
    Effect.gen(function* () {
      const file = join(yield* newDir, "file")
      writeFileSync(file, "x")
      for (const dir of ["/proc/rookery/blobs", file, join(file, "blobs")]) {
        assert.strictEqual((yield* Effect.flip(open(dir)))._tag, "BlobStoreUnavailable", dir)
      }
    }).pipe(Effect.scoped)
  )

  it.live("follows no link out of its folder", () =>
    Effect.gen(function* () {
      const { dir, file, store } = yield* opened
      yield* store.put(key, Stream.succeed(bytes), png)
      const secret = join(yield* newDir, "secret")
      writeFileSync(secret, readFileSync(file))
      rmSync(file)
      symlinkSync(secret, file)
      assert.deepInclude(yield* Effect.flip(get(store)), { _tag: "BlobStoreUnavailable" })
      assert.deepStrictEqual(yield* Stream.runCollect(store.list("")), [])
      yield* store.put(key, Stream.succeed(new Uint8Array(1)), png)
      assert.strictEqual((yield* get(store)).length, 1)
      assert.isAbove(statSync(secret).size, bytes.length)
      assert.strictEqual(dir, join(file, "../.."))
    }).pipe(Effect.scoped)
  )

  it.live("dies of a file that is not whole, rather than serve it", () =>
    Effect.gen(function* () {
      const { file, store } = yield* opened
      yield* store.put(key, Stream.succeed(bytes), png)
      const whole = readFileSync(file)
      const damages: ReadonlyArray<() => void> = [
        () => truncateSync(file, whole.length - 1),
        () => truncateSync(file, 10),
        () => truncateSync(file, 0),
        () => writeFileSync(file, Buffer.concat([whole, whole])),
        () => writeFileSync(file, Buffer.alloc(whole.length))
      ]
      for (const damage of damages) {
        writeFileSync(file, whole)
        damage()
        const exit = yield* Effect.exit(get(store))
        assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
        assert.include(String(Exit.isFailure(exit) && Cause.squash(exit.cause)), `${file} is damaged`)
      }
    }).pipe(Effect.scoped)
  )

  it.live("says when the folder cannot be used, at start and later", () =>
    Effect.gen(function* () {
      const { dir, store } = yield* opened
      const file = join(dir, "file")
      writeFileSync(file, "")
      assert.deepInclude(yield* Effect.flip(open(join(file, "blobs"))), {
        _tag: "BlobStoreUnavailable",
        reason: "the file system said ENOTDIR"
      })
      rmSync(dir, { recursive: true })
      assert.deepInclude(yield* Effect.flip(store.put(key, Stream.succeed(bytes), png)), {
        _tag: "BlobStoreUnavailable",
        reason: "the file system said ENOENT"
      })
      assert.deepStrictEqual(yield* Effect.flip(store.info(key)), new BlobNotFound({ key }))
    }).pipe(Effect.scoped)
  )

  it.live("passes over files that are not its own", () =>
    Effect.gen(function* () {
      const { dir, store } = yield* opened
      yield* store.put(key, Stream.succeed(bytes), png)
      for (const name of [".DS_Store", "avatars/8", "avatars/X.blob", "avatars/.blob", "avatars/a.b.blob"]) {
        writeFileSync(join(dir, name), "x")
      }
      const listed = yield* Stream.runCollect(store.list(""))
      assert.deepStrictEqual(
        listed.map((blob) => blob.key),
        [key]
      )
    }).pipe(Effect.scoped)
  )

  it.live.skipIf(process.platform !== "linux")("leaves no file open, on Linux", () =>
    Effect.gen(function* () {
      const { store } = yield* opened
      yield* store.put(key, Stream.succeed(bytes), png)
      const descriptors = () => readdirSync("/proc/self/fd").length
      const before = descriptors()
      const failing = Stream.concat(Stream.succeed(bytes), Stream.fail("broken"))
      yield* Effect.forEach(
        Array.from({ length: 50 }),
        () =>
          Effect.gen(function* () {
            yield* Effect.scoped(store.get(key))
            yield* store.info(key)
            yield* Effect.ignore(store.put(key, failing, png))
            yield* Effect.ignore(Effect.scoped(store.get(key, { first: 5000 })))
            yield* Effect.ignore(store.get(BlobKey.make("none")))
            yield* Stream.runDrain(Stream.take(store.list(""), 1))
          }),
        { concurrency: 10 }
      )
      assert.isAtMost(descriptors(), before + 1)
    }).pipe(Effect.scoped)
  )
})
