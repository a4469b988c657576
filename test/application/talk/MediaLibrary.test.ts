import { assert, describe } from "@effect/vitest"
import { Context, DateTime, Duration, Effect, Exit, Fiber, Layer, Schema, Stream } from "effect"
import { StoredBlobs } from "../../../src/adapters/memory/BlobStoreMemory.ts"
import { Profile } from "../../../src/application/accounts/Profile.ts"
import { MediaLibrary } from "../../../src/application/talk/MediaLibrary.ts"
import { NoPhoneNumber } from "../../../src/application/talk/PhoneHolders.ts"
import { BlobRangeUnsatisfiable, BlobStore, BlobStoreUnavailable } from "../../../src/domain/shared/BlobStore.ts"
import {
  type Media,
  MediaNotFound,
  MediaRefused,
  MediaTooLarge,
  mostUnsent,
  TooManyUnsent
} from "../../../src/domain/talk/Media.ts"
import { MemoryInstance, MemoryPorts, MemoryRelays } from "../../../src/RookeryMemory.ts"
import { mp4, ogg, others, wav, webm } from "../../contracts/Clips.ts"
import { arrivals, someAccount, someFriends, someMedia, somePerson } from "../../contracts/Fixtures.ts"
import { advance, testOn } from "../RookeryTest.ts"
import { blobs, bytesOf, chunked, LibraryWith, MediaWorld } from "./MediaWorld.ts"
import { type Person, send, upload } from "./TalkWorld.ts"

class SourceFailed extends Schema.TaggedError<SourceFailed>()("SourceFailed", {}) {}

const test = testOn(MediaWorld)

const most = 100 * 1024 * 1024
const away = new BlobStoreUnavailable({ reason: "away" })
const nothing = { stored: [], removals: [], named: [] }
const clip = wav(2)

const sendClip = (from: Person, to: Person, { id: mediaId, kind }: Media) =>
  send(from, to, { _tag: "Media", kind, mediaId, text: null })

/** A sound of that many bytes, which takes no memory. */
const large = (size: number, count: () => void = () => {}) => {
  const chunk = new Uint8Array(64 * 1024)
  const rest = size - clip.length
  return Stream.concat(
    Stream.make(clip),
    Stream.range(1, Math.ceil(rest / chunk.length)).pipe(
      Stream.map((n) => chunk.subarray(0, Math.min(chunk.length, rest - (n - 1) * chunk.length)))
    )
  ).pipe(
    Stream.rechunk(1),
    Stream.tap(() => Effect.sync(count))
  )
}

describe("a clip", () => {
  test(
    "is kept as it came, by the media type that it has",
    Effect.gen(function* () {
      const ada = yield* somePerson
      const media = yield* upload(ada, "audio/x-wav;codecs=1", Stream.make(clip))
      assert.deepStrictEqual(
        { ...media },
        {
          id: media.id,
          uploader: ada.id,
          kind: "audio",
          contentType: "audio/wav",
          blobKey: media.blobKey,
          size: clip.length,
          duration: Duration.seconds(2),
          createdAt: yield* DateTime.now
        }
      )
      assert.match(media.blobKey, /^media\/[0-9a-f]{32}$/)
      assert.deepStrictEqual(yield* bytesOf(ada, media.id), new Uint8Array(clip))
      const library = yield* MediaLibrary
      const { blob, media: opened } = yield* library.open(ada.id, media.id)
      assert.deepStrictEqual(opened, media)
      assert.strictEqual(blob.info.contentType, "audio/wav")
      assert.deepStrictEqual(yield* library.describe(ada.id, media.id), { media, info: blob.info })
      assert.deepStrictEqual(yield* blobs, { stored: [media.blobKey], removals: [], named: [media.blobKey] })
    })
  )

  test(
    "may come in pieces of any size",
    Effect.gen(function* () {
      const ada = yield* somePerson
      const file = clip.subarray(0, 9000)
      for (const size of [1, 7, 4099, 4100, 4101, 8999, 9000]) {
        const media = yield* upload(ada, "audio", chunked(file, size))
        assert.deepStrictEqual([media.size, yield* bytesOf(ada, media.id)], [9000, new Uint8Array(file)])
      }
      const short = yield* upload(ada, "audio", chunked(clip.subarray(0, 50), 1))
      assert.strictEqual(short.size, 50)
      const gaps = Stream.fromIterable([new Uint8Array(0), file, new Uint8Array(0)])
      assert.strictEqual((yield* upload(ada, "audio", gaps)).size, 9000)
    })
  )

  test(
    "may be sound or pictures where its format can be either",
    Effect.gen(function* () {
      const ada = yield* somePerson
      const types: Array<string> = []
      for (const file of [webm(1), mp4(1), ogg(1)]) {
        for (const kind of ["audio", "video"]) {
          const { contentType, kind: kept } = yield* upload(ada, kind, Stream.make(file))
          types.push(contentType)
          assert.strictEqual(kept, kind)
        }
      }
      assert.deepStrictEqual(types, ["audio/webm", "video/webm", "audio/mp4", "video/mp4", "audio/ogg", "video/ogg"])
    })
  )

  test(
    "is refused by its first bytes, and not read on",
    Effect.gen(function* () {
      const ada = yield* somePerson
      const refusals: ReadonlyArray<readonly [name: string, file: Uint8Array, reason: string]> = [
        ["audio", new Uint8Array(0), "is empty"],
        ["video", others.html, "is no clip of a format that is taken"],
        ["audio", Buffer.concat([others.png, new Uint8Array(500_000)]), "is no clip of a format that is taken"],
        ["video", clip, "is not video"],
        ["audio/mpeg", clip, "is not audio/mpeg"],
        ["video/webm", mp4(1, "isom", { media: 500_000 }), "is not video/webm"]
      ]
      for (const [name, file, reason] of refusals) {
        let chunks = 0
        const error = yield* Effect.flip(
          upload(
            ada,
            name,
            chunked(file, 5000, () => (chunks += 1))
          )
        )
        assert.deepStrictEqual(error, new MediaRefused({ reason }))
        assert.isAtMost(chunks, 1)
      }
      assert.deepStrictEqual(yield* blobs, nothing)
    })
  )

  test(
    "may have 100 MiB",
    Effect.gen(function* () {
      const ada = yield* somePerson
      const media = yield* upload(ada, "audio", large(most))
      assert.strictEqual(media.size, most)
    })
  )

  test(
    "is cut off at the first byte too many",
    Effect.gen(function* () {
      const ada = yield* somePerson
      let [chunks, closed] = [0, false]
      const file = large(2 * most, () => (chunks += 1)).pipe(Stream.ensuring(Effect.sync(() => (closed = true))))
      assert.deepStrictEqual(yield* Effect.flip(upload(ada, "audio", file)), new MediaTooLarge({ most }))
      assert.deepStrictEqual([chunks, closed], [1601, true])
      const one = yield* Effect.flip(upload(ada, "audio", large(most + 1)))
      assert.deepStrictEqual(one, new MediaTooLarge({ most }))
      const { named, stored } = yield* blobs
      assert.deepStrictEqual([named, stored], [[], []])
    })
  )

  test(
    "ends with its sender, at the beginning or later",
    Effect.gen(function* () {
      const ada = yield* somePerson
      const failing = Stream.fail(new SourceFailed())
      for (const head of [Stream.empty, Stream.make(clip.subarray(0, 100)), Stream.make(clip)]) {
        const error = yield* Effect.flip(upload(ada, "audio", Stream.concat(head, failing)))
        assert.deepStrictEqual(error, new SourceFailed())
      }
      const endless = yield* Effect.forkChild(upload(ada, "audio", Stream.concat(Stream.make(clip), Stream.never)))
      yield* advance()
      yield* Fiber.interrupt(endless)
      const { named, stored } = yield* blobs
      assert.deepStrictEqual([named, stored], [[], []])
    })
  )

  test(
    "is not taken where a hundred wait to be sent, those under way among them",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      const tooMany = new TooManyUnsent({ most: mostUnsent })
      const [first] = yield* Effect.replicateEffect(
        Effect.flatMap(DateTime.now, (now) => someMedia(ada.id, now)),
        mostUnsent - 1
      )
      if (first === undefined) return assert.fail("no clip")
      const slow = yield* Effect.forkChild(upload(ada, "audio", Stream.concat(Stream.make(clip), Stream.never)))
      yield* advance()
      let asked = false
      const file = Stream.fromEffect(Effect.sync(() => ((asked = true), clip)))
      assert.deepStrictEqual(yield* Effect.flip(upload(ada, "audio", file)), tooMany)
      assert.isFalse(asked)
      // What is others' is not counted, nor is what was given up or sent, nor what is about to be removed.
      yield* upload(bob, "audio", file)
      yield* Fiber.interrupt(slow)
      yield* upload(ada, "audio", file)
      assert.deepStrictEqual(yield* Effect.flip(upload(ada, "audio", file)), tooMany)
      yield* sendClip(ada, bob, first)
      yield* upload(ada, "audio", file)
      assert.deepStrictEqual(yield* Effect.flip(upload(ada, "audio", file)), tooMany)
      yield* advance("1 day")
      yield* advance("1 millis")
      yield* upload(ada, "audio", file)
    })
  )

  test(
    "is seen by its uploader and by whom it was sent, and by nobody else",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      const [, stranger] = yield* someFriends
      const library = yield* MediaLibrary
      const media = yield* upload(ada, "audio", Stream.make(clip))
      const hidden = Effect.fnUntraced(function* (reader: Person) {
        assert.deepStrictEqual(yield* Effect.flip(bytesOf(reader, media.id)), new MediaNotFound())
        assert.deepStrictEqual(yield* Effect.flip(library.describe(reader.id, media.id)), new MediaNotFound())
      })
      yield* hidden(bob)
      yield* sendClip(ada, bob, media)
      for (const reader of [ada, bob]) {
        assert.strictEqual((yield* bytesOf(reader, media.id)).length, clip.length)
        assert.deepStrictEqual((yield* library.describe(reader.id, media.id)).media, media)
      }
      yield* hidden(stranger)
    })
  )

  test(
    "is nothing for accounts without a phone number",
    Effect.gen(function* () {
      const { id } = yield* someAccount
      const media = yield* upload(yield* somePerson, "audio", Stream.make(clip))
      const none = new NoPhoneNumber()
      let asked = false
      const file = Stream.fromEffect(Effect.sync(() => ((asked = true), clip)))
      assert.deepStrictEqual(yield* Effect.flip(upload({ id }, "audio", file)), none)
      assert.isFalse(asked)
      assert.deepStrictEqual(yield* Effect.flip(bytesOf({ id }, media.id)), none)
    })
  )

  test(
    "is opened in parts",
    Effect.gen(function* () {
      const ada = yield* somePerson
      const { blobKey: key, id, size } = yield* upload(ada, "audio", Stream.make(clip))
      assert.deepStrictEqual(yield* bytesOf(ada, id, { first: 10, last: 19 }), new Uint8Array(clip.subarray(10, 20)))
      assert.deepStrictEqual(yield* bytesOf(ada, id, { suffix: 5 }), new Uint8Array(clip.subarray(-5)))
      const error = yield* Effect.flip(bytesOf(ada, id, { first: size }))
      assert.deepStrictEqual(error, new BlobRangeUnsatisfiable({ key, size }))
    })
  )

  test(
    "is not taken while the store is away, and is not there where its blob is gone",
    Effect.gen(function* () {
      const ada = yield* somePerson
      const stored = yield* StoredBlobs
      const { blobKey, id } = yield* upload(ada, "audio", Stream.make(clip))
      yield* stored.answer(Effect.fail(away))
      assert.deepStrictEqual(yield* Effect.flip(upload(ada, "audio", Stream.make(clip))), away)
      assert.deepStrictEqual(yield* Effect.flip(bytesOf(ada, id)), away)
      yield* stored.answer(Effect.void)
      yield* BlobStore.use((store) => store.delete(blobKey))
      assert.deepStrictEqual(yield* Effect.flip(bytesOf(ada, id)), new MediaNotFound())
      const library = yield* MediaLibrary
      assert.deepStrictEqual(yield* Effect.flip(library.describe(ada.id, id)), new MediaNotFound())
    })
  )
})

describe("a clip that nobody has sent", () => {
  test(
    "goes within the hour after its day, and one that was sent stays",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      const sent = yield* upload(ada, "audio", Stream.make(clip))
      yield* sendClip(ada, bob, sent)
      const unsent = yield* upload(ada, "audio", Stream.make(clip))
      yield* advance("24 hours")
      assert.lengthOf((yield* blobs).stored, 2)
      assert.strictEqual((yield* bytesOf(ada, unsent.id)).length, clip.length)
      yield* advance("61 minutes")
      const { named, removals } = yield* blobs
      assert.deepStrictEqual([named, removals], [[sent.blobKey], [unsent.blobKey]])
      assert.deepStrictEqual(yield* Effect.flip(bytesOf(ada, unsent.id)), new MediaNotFound())
      assert.deepStrictEqual(yield* Effect.flip(sendClip(ada, bob, unsent)), new MediaNotFound())
      assert.strictEqual((yield* bytesOf(bob, sent.id)).length, clip.length)
    })
  )

  testOn(Layer.merge(MemoryInstance, MemoryRelays).pipe(Layer.provideMerge(MemoryPorts)))(
    "goes with its uploader, as do those that were sent",
    Effect.gen(function* () {
      const [ada, bob] = yield* someFriends
      yield* sendClip(ada, bob, yield* upload(ada, "audio", Stream.make(clip)))
      yield* upload(ada, "audio", Stream.make(clip))
      const { blobKey } = yield* upload(bob, "audio", Stream.make(clip))
      yield* advance()
      yield* Profile.use((profile) => profile.remove(ada.id, undefined))
      yield* advance()
      assert.deepStrictEqual(yield* blobs, { stored: [blobKey], removals: [], named: [blobKey] })
    })
  )
})

/** Dies at the given step, as a process that was killed does nothing further. */
const dyingAt = (last: number) => {
  let steps = 0
  return <A, E, R>(call: Effect.Effect<A, E, R>) =>
    Effect.suspend(() => ((steps += 1) === last ? Effect.die("killed") : call))
}

describe("a process that dies while it stores a clip", () => {
  test(
    "leaves it or nothing, at whatever step it dies",
    Effect.gen(function* () {
      const ada = yield* somePerson
      let last = 0
      let exit: Exit.Exit<Media, unknown>
      do {
        last += 1
        const library = Context.get(yield* Layer.build(LibraryWith(dyingAt(last))), MediaLibrary)
        exit = yield* Effect.exit(library.upload(ada.id, { kind: "audio" }, Stream.make(clip)))
        assert.lengthOf((yield* blobs).named, Exit.isSuccess(exit) ? 1 : 0)
      } while (Exit.isFailure(exit))
      // Recognizing, scheduling, storing, measuring, naming, cancelling.
      assert.strictEqual(last, 7)
      const { named, removals, stored } = yield* blobs
      assert.deepStrictEqual(named, [exit.value.blobKey])
      assert.lengthOf(stored, 4)
      assert.includeMembers([...named, ...removals], stored)
      assert.notInclude(removals, exit.value.blobKey)
    })
  )

  test(
    "leaves nothing of what was stored too late",
    Effect.gen(function* () {
      const ada = yield* somePerson
      const slow = Stream.concat(
        Stream.make(clip),
        Stream.fromEffect(Effect.delay(Effect.succeed(new Uint8Array(1)), "25 hours"))
      )
      const uploading = yield* Effect.forkChild(Effect.flip(upload(ada, "audio", slow)))
      yield* advance("1 hour")
      yield* advance("23 hours")
      // Its time has come, and there is nothing yet to remove.
      assert.lengthOf(yield* arrivals("blobs"), 1)
      yield* advance("1 hour")
      assert.strictEqual((yield* Fiber.join(uploading))._tag, "BlobStoreUnavailable")
      const { named, removals, stored } = yield* blobs
      assert.deepStrictEqual(named, [])
      assert.deepStrictEqual(removals, stored)
      assert.lengthOf(yield* arrivals("blobs"), 1)
    })
  )
})
