import { assert, describe } from "@effect/vitest"
import { Context, Deferred, Duration, Effect, Exit, Fiber, Layer, Schema, Stream } from "effect"
import { StoredBlobs } from "../../../src/adapters/memory/BlobStoreMemory.ts"
import { Avatars, AvatarTooLarge } from "../../../src/application/accounts/Avatars.ts"
import { type AccountId, AccountNotFound } from "../../../src/domain/accounts/Account.ts"
import { AvatarImages, avatarKey, AvatarRefused } from "../../../src/domain/accounts/AvatarImages.ts"
import { BlobNotFound, BlobStore, BlobStoreUnavailable } from "../../../src/domain/shared/BlobStore.ts"
import { someAccount, unknownAccount } from "../../contracts/Fixtures.ts"
import { advance, testOn } from "../RookeryTest.ts"
import { accountOf, AvatarsWith, AvatarWorld, blobsOf, picture } from "./AvatarWorld.ts"

class SourceFailed extends Schema.TaggedError<SourceFailed>()("SourceFailed", {}) {}

const test = testOn(AvatarWorld)

const limit = 5 * 1024 * 1024
const away = new BlobStoreUnavailable({ reason: "away" })

const replace = <E, R>(id: AccountId, file: Stream.Stream<Uint8Array, E, R>) =>
  Avatars.use((avatars) => avatars.replace(id, file))
const upload = (id: AccountId, number: number) => replace(id, Stream.succeed(picture(number)))

/** All of a file, in chunks of 64 KiB, counting those that were asked for. */
const counted = (file: Uint8Array, count: () => void) =>
  Stream.fromIterable(
    Array.from({ length: Math.ceil(file.length / 65_536) }, (_, n) => file.subarray(n * 65_536, (n + 1) * 65_536))
  ).pipe(
    Stream.rechunk(1),
    Stream.tap(() => Effect.sync(count))
  )

describe("a new avatar", () => {
  test(
    "is what is made of the picture, under a name that nobody guesses",
    Effect.gen(function* () {
      const { id } = yield* someAccount
      const saved = yield* upload(id, 1)
      const { avatarId } = saved
      assert.match(avatarId ?? "", /^[0-9a-f]{32}$/)
      assert.deepStrictEqual(yield* accountOf(id), saved)
      assert(avatarId !== null)
      const { info, stream } = yield* Avatars.use((avatars) => avatars.open(avatarId))
      assert.strictEqual(info.contentType, "image/webp")
      const made = yield* AvatarImages.use((images) => images.square(picture(1)))
      assert.deepStrictEqual(yield* Stream.mkUint8Array(stream), made)
      assert.deepStrictEqual(yield* blobsOf(id), {
        stored: [avatarKey(avatarId)],
        removals: [],
        named: [avatarKey(avatarId)]
      })
      // It stays, however much time passes.
      yield* advance("3 hours")
      assert.deepStrictEqual((yield* blobsOf(id)).stored, [avatarKey(avatarId)])
    })
  )

  test(
    "takes the place of the one before, which is gone at once",
    Effect.gen(function* () {
      const { id } = yield* someAccount
      const { avatarId: before } = yield* upload(id, 1)
      // The relay has looked around by then, and sleeps.
      yield* advance()
      const { avatarId: now } = yield* upload(id, 1)
      assert(before !== null && now !== null && before !== now)
      yield* advance()
      assert.deepStrictEqual(yield* blobsOf(id), { stored: [avatarKey(now)], removals: [], named: [avatarKey(now)] })
      const error = yield* Effect.flip(Avatars.use((avatars) => avatars.open(before)))
      assert.deepStrictEqual(error, new BlobNotFound({ key: avatarKey(before) }))
    })
  )

  test(
    "may have 5 MiB, and not a byte more",
    Effect.gen(function* () {
      const { id } = yield* someAccount
      let chunks = 0
      yield* replace(
        id,
        counted(picture(1, limit), () => (chunks += 1))
      )
      assert.strictEqual(chunks, 80)
      const { avatarId } = yield* accountOf(id)
      const error = yield* Effect.flip(replace(id, Stream.succeed(picture(2, limit + 1))))
      assert.deepStrictEqual(error, new AvatarTooLarge({ most: limit }))
      assert.strictEqual((yield* accountOf(id)).avatarId, avatarId)
    })
  )

  test(
    "is not read on once it is too large",
    Effect.gen(function* () {
      const { id } = yield* someAccount
      let [chunks, closed] = [0, false]
      const file = counted(picture(1, 50 * 1024 * 1024), () => (chunks += 1)).pipe(
        Stream.ensuring(Effect.sync(() => (closed = true)))
      )
      const error = yield* Effect.flip(replace(id, file))
      assert.deepStrictEqual(error, new AvatarTooLarge({ most: limit }))
      assert.deepStrictEqual([chunks, closed], [81, true])
      assert.deepStrictEqual(yield* blobsOf(id), { stored: [], removals: [], named: [] })
    })
  )

  test(
    "is refused, or ends with its sender, without a trace",
    Effect.gen(function* () {
      const { id } = yield* someAccount
      const text = yield* Effect.flip(replace(id, Stream.succeed(new TextEncoder().encode("a text"))))
      assert.deepStrictEqual(text, new AvatarRefused({ reason: "is no JPEG, PNG, GIF or WebP picture" }))
      const empty = yield* Effect.flip(replace(id, Stream.empty))
      assert.deepStrictEqual(empty, new AvatarRefused({ reason: "is empty" }))
      const broken = Stream.concat(Stream.succeed(picture(1)), Stream.fail(new SourceFailed()))
      assert.deepStrictEqual(yield* Effect.flip(replace(id, broken)), new SourceFailed())
      assert.deepStrictEqual(yield* blobsOf(id), { stored: [], removals: [], named: [] })
    })
  )

  test(
    "is nobody's where there is no such account, and goes within the hour",
    Effect.gen(function* () {
      const { id } = yield* someAccount
      const error = yield* Effect.flip(upload(unknownAccount, 1))
      assert.deepStrictEqual(error, new AccountNotFound({ id: unknownAccount }))
      assert.lengthOf((yield* blobsOf(id)).stored, 1)
      yield* advance("61 minutes")
      assert.deepStrictEqual(yield* blobsOf(id), { stored: [], removals: [], named: [] })
    })
  )

  test(
    "leaves the one before while the store is away",
    Effect.gen(function* () {
      const { id } = yield* someAccount
      const { avatarId } = yield* upload(id, 1)
      const stored = yield* StoredBlobs
      yield* stored.answer(Effect.fail(away))
      assert.deepStrictEqual(yield* Effect.flip(upload(id, 2)), away)
      assert.strictEqual((yield* accountOf(id)).avatarId, avatarId)
      yield* stored.answer(Effect.void)
      yield* advance("2 hours")
      const { named, removals, stored: keys } = yield* blobsOf(id)
      assert.deepStrictEqual([keys, removals], [named, []])
      assert.lengthOf(named, 1)
    })
  )

  test(
    "is the last of several at once, and the only one",
    Effect.gen(function* () {
      const { id } = yield* someAccount
      const uploads = Array.from({ length: 8 }, (_, number) => upload(id, number))
      const accounts = yield* Effect.all(uploads, { concurrency: "unbounded" })
      assert.strictEqual(new Set(accounts.map(({ avatarId }) => avatarId)).size, 8)
      yield* advance()
      const { named, removals, stored } = yield* blobsOf(id)
      assert.deepStrictEqual([stored, removals], [named, []])
    })
  )
})

/** Dies at the given step, as a process that was killed does nothing further. */
const dyingAt = (last: number) => {
  let steps = 0
  const step = <A, E, R>(call: Effect.Effect<A, E, R>) =>
    Effect.suspend(() => ((steps += 1) === last ? Effect.die("killed") : call))
  return { step, taken: () => steps }
}

describe("a process that dies while it stores an avatar", () => {
  test(
    "leaves the avatar that the account names, and no other, at whatever step it dies",
    Effect.gen(function* () {
      const ends: Array<"before" | "after"> = []
      for (let last = 1; ; last++) {
        const { id } = yield* someAccount
        const { avatarId: before } = yield* upload(id, 1)
        const { step, taken } = dyingAt(last)
        const doomed = Context.get(yield* Layer.build(AvatarsWith(step)), Avatars)
        const exit = yield* Effect.exit(doomed.replace(id, Stream.succeed(picture(2))))
        yield* advance("61 minutes")
        const { named, removals, stored } = yield* blobsOf(id)
        assert.deepStrictEqual(
          named.filter((key) => stored.includes(key)),
          named,
          `step ${last}`
        )
        assert.deepStrictEqual(removals, [], `step ${last}`)
        assert.lengthOf(stored, last, `step ${last}: one for each account so far`)
        if (Exit.isSuccess(exit)) {
          assert.strictEqual(taken(), last - 1)
          break
        }
        ends.push((yield* accountOf(id)).avatarId === before ? "before" : "after")
      }
      // Scheduling, storing, finding, saving, cancelling, scheduling the old one; and telling of it, once committed.
      assert.deepStrictEqual(ends, ["before", "before", "before", "before", "before", "before", "after"])
    })
  )

  /** Avatars on a store that takes so long, and the keys that were to be put into it. */
  const slowAvatars = Effect.fnUntraced(function* (time: (turn: number) => Duration.Duration) {
    const keys: Array<string> = []
    const Slow = Layer.effect(
      BlobStore,
      BlobStore.useSync((blobs) =>
        BlobStore.of({
          ...blobs,
          put: (key, stream, options) =>
            Effect.suspend(() => Effect.delay(blobs.put(key, stream, options), time(keys.push(key))))
        })
      )
    )
    const built = yield* Layer.build(Layer.fresh(Avatars.layer).pipe(Layer.provide(Slow)))
    return { avatars: Context.get(built, Avatars), keys }
  })

  test(
    "leaves nothing of what was stored too late, and begins again under another name",
    Effect.gen(function* () {
      const { id } = yield* someAccount
      const { avatars, keys } = yield* slowAvatars((turn) => Duration.minutes(turn === 1 ? 61 : 0))
      const replacing = yield* Effect.forkChild(avatars.replace(id, Stream.succeed(picture(1))))
      yield* advance("62 minutes")
      yield* Fiber.join(replacing)
      yield* advance("1 second")
      const { named, removals, stored } = yield* blobsOf(id)
      assert.lengthOf(keys, 2)
      assert.deepStrictEqual<unknown>(keys.slice(1), named)
      assert.deepStrictEqual([stored, removals], [named, []])
    })
  )

  test(
    "gives up in the end where storing always takes too long",
    Effect.gen(function* () {
      const { id } = yield* someAccount
      const { avatars, keys } = yield* slowAvatars(() => Duration.minutes(61))
      const replacing = yield* Effect.forkChild(Effect.flip(avatars.replace(id, Stream.succeed(picture(1)))))
      yield* advance("5 hours")
      assert.strictEqual((yield* Fiber.join(replacing))._tag, "BlobStoreUnavailable")
      assert.lengthOf(keys, 3)
      assert.deepStrictEqual(yield* blobsOf(id), { stored: [], removals: [], named: [] })
    })
  )
})

describe("many uploads at once", () => {
  test(
    "are sixteen at most, and the others wait",
    Effect.gen(function* () {
      const { id } = yield* someAccount
      const gate = yield* Deferred.make<void>()
      let began = 0
      const slow = Stream.fromEffect(Effect.suspend(() => Effect.as(Deferred.await(gate), picture((began += 1)))))
      const uploads = yield* Effect.forEach(Array.from({ length: 20 }), () => Effect.forkChild(replace(id, slow)))
      yield* advance()
      assert.strictEqual(began, 16)
      // Who goes away makes room.
      yield* Fiber.interruptAll(uploads.slice(0, 2))
      yield* advance()
      assert.strictEqual(began, 18)
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.joinAll(uploads.slice(2))
      assert.strictEqual(began, 20)
    })
  )
})
