import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Duration, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { setImmediate } from "node:timers/promises"
import { MediaProbeMusicMetadata } from "../../../src/adapters/musicmetadata/MediaProbeMusicMetadata.ts"
import type { MediaFormat } from "../../../src/domain/talk/MediaFormat.ts"
import { formatBytes, MediaProbe, type StoredClip } from "../../../src/domain/talk/MediaProbe.ts"
import { aac, flac, heads, hollow, mp3, mp3WithCover, mp4, ogg, wav, webm } from "../../contracts/Clips.ts"
import { mediaProbeContract, stored } from "../../contracts/mediaProbeContract.ts"

mediaProbeContract("music-metadata", MediaProbeMusicMetadata)

const durationOf = (clip: StoredClip) => MediaProbe.use((probe) => probe.durationOf(clip))
const secondsOf = (format: MediaFormat, bytes: Uint8Array) =>
  Effect.map(durationOf(stored(format, bytes)), (duration) => duration && Duration.toSeconds(duration))
const formatOf = (bytes: Uint8Array) => MediaProbe.use((probe) => probe.formatOf(bytes.subarray(0, formatBytes)))

/** The same clip, counting what is read of it. */
const counted = (clip: StoredClip) => {
  const read = { times: 0, bytes: 0 }
  const counting: StoredClip = {
    ...clip,
    read: (span) => {
      read.times += 1
      read.bytes += span.last + 1 - span.first
      return clip.read(span)
    }
  }
  return { read, clip: counting }
}

const test = <E>(name: string, body: Effect.Effect<void, E, MediaProbe>) =>
  it.live(name, () => Effect.provide(body, MediaProbeMusicMetadata), 60_000)

describe("MediaProbe: music-metadata", () => {
  test(
    "recognizes what it does not look into",
    Effect.gen(function* () {
      for (const format of ["amr", "avi", "mpegts", "mpeg", "flv", "aiff", "caf"] as const) {
        assert.strictEqual(yield* formatOf(heads[format]), format)
        assert.isUndefined(yield* secondsOf(format, heads[format]))
      }
    })
  )

  test(
    "tells how long clips play",
    Effect.gen(function* () {
      const clips: ReadonlyArray<readonly [MediaFormat, Uint8Array, number]> = [
        ["mp3", mp3(5), 5],
        ["mp3", mp3(5, false), 5],
        ["mp3", mp3WithCover(5, 1_000_000), 5],
        ["aac", aac(4), 4],
        ["m4a", mp4(7, "M4A "), 7],
        ["mp4", mp4(3600), 3600],
        ["quicktime", mp4(8, "qt  "), 8],
        ["3gpp", mp4(8, "3gp5"), 8],
        ["3gpp2", mp4(8, "3g2a"), 8],
        ["ogg", ogg(20), 20],
        ["webm", webm(6.25), 6.25],
        ["matroska", webm(6, "matroska"), 6],
        ["wav", wav(3), 3],
        ["flac", flac(11), 11]
      ]
      for (const [format, clip, seconds] of clips) {
        assert.approximately((yield* secondsOf(format, clip)) ?? -1, seconds, 0.05, format)
      }
    })
  )

  test(
    "does not know how long plays what was recorded live",
    Effect.gen(function* () {
      assert.isUndefined(yield* secondsOf("webm", webm(undefined)))
      assert.isUndefined(yield* secondsOf("webm", webm(0)))
      assert.isUndefined(yield* secondsOf("webm", webm(Number.NaN)))
      assert.isUndefined(yield* secondsOf("webm", webm(1e12)))
    })
  )

  test(
    "reads little of large files, wherever their head is",
    Effect.gen(function* () {
      for (const headLast of [false, true]) {
        const { clip, read } = counted(stored("mp4", mp4(9, "isom", { media: 50_000_000, headLast })))
        assert.deepStrictEqual(yield* durationOf(clip), Duration.seconds(9))
        assert.isBelow(read.bytes, 200_000)
        assert.isBelow(read.times, 10)
      }
    })
  )

  test(
    "gives up what takes too much reading, or too many steps, or too much memory at once",
    Effect.gen(function* () {
      for (const [format, bytes, most] of [
        ["ogg", ogg(5000), 16 * 1024 * 1024],
        ["mp3", mp3(3000, false), 10 * 1024 * 1024],
        ["webm", hollow(20_000_000), 200_000],
        ["mp3", mp3WithCover(5, 5_000_000), 100_000]
      ] as const) {
        const { clip, read } = counted(stored(format, bytes))
        assert.isUndefined(yield* durationOf(clip))
        assert.isAtMost(read.bytes, most)
      }
    })
  )

  test(
    "lets others have their turn while it counts",
    Effect.gen(function* () {
      const clip = stored("webm", hollow(20_000_000))
      const start = yield* Clock.currentTimeMillis
      let [last, longest] = [start, 0]
      const watch = Effect.gen(function* () {
        while (true) {
          yield* Effect.sleep("1 millis")
          const now = yield* Clock.currentTimeMillis
          longest = Math.max(longest, now - last)
          last = now
        }
      })
      yield* Effect.raceFirst(durationOf(clip), watch)
      assert.isBelow(longest * 3, last - start)
    })
  )

  test(
    "survives damaged clips, whatever is wrong with them",
    Effect.gen(function* () {
      const whole = [wav(1), mp3(1), mp3WithCover(1, 500), aac(1), mp4(1), ogg(2), webm(1), flac(1)] as const
      const formats = ["wav", "mp3", "mp3", "aac", "mp4", "ogg", "webm", "flac"] as const
      for (let seed = 0; seed < 400; seed++) {
        const index = seed % whole.length
        const bytes = Buffer.from(whole[index] ?? [])
        let random = seed * 2_654_435_761
        const next = (most: number) => {
          random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0
          return random % most
        }
        for (let n = 0; n < 1 + (seed % 6); n++) bytes[next(Math.min(600, bytes.length))] = next(256)
        const cut = seed % 3 === 0 ? bytes.subarray(0, next(bytes.length)) : bytes
        yield* formatOf(cut)
        yield* durationOf(stored(formats[index] ?? "wav", cut))
      }
    })
  )
})

describe("MediaProbe: music-metadata, in time", () => {
  const testInTime = <E>(name: string, body: Effect.Effect<void, E, MediaProbe>) =>
    it.effect(name, () => Effect.provide(body, MediaProbeMusicMetadata))

  testInTime(
    "looks into two clips at once, and gives up what never comes",
    Effect.gen(function* () {
      let reading = 0
      const begun = yield* Deferred.make<void>()
      const stuck: StoredClip = {
        ...stored("wav", wav(1)),
        read: () =>
          Effect.andThen(
            Effect.sync(() => (reading += 1) === 2 && Deferred.doneUnsafe(begun, Effect.void)),
            Effect.never
          )
      }
      const fibers = yield* Effect.forEach([1, 2, 3], () => Effect.forkChild(durationOf(stuck)))
      yield* Deferred.await(begun)
      for (let turn = 0; turn < 50; turn++) yield* Effect.promise(() => setImmediate())
      assert.strictEqual(reading, 2)
      yield* TestClock.adjust("11 seconds")
      assert.isUndefined(yield* Fiber.join(fibers[0] ?? assert.fail()))
      assert.isUndefined(yield* Fiber.join(fibers[1] ?? assert.fail()))
      yield* Fiber.interrupt(fibers[2] ?? assert.fail())
    })
  )
})
