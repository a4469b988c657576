import { assert, layer } from "@effect/vitest"
import { Duration, Effect, type Layer } from "effect"
import { BlobStoreUnavailable } from "../../src/domain/shared/BlobStore.ts"
import type { MediaFormat } from "../../src/domain/talk/MediaFormat.ts"
import { formatBytes, MediaProbe } from "../../src/domain/talk/MediaProbe.ts"
import { aac, flac, heads, mp3, mp3WithCover, mp4, ogg, others, wav, webm } from "./Clips.ts"

const clips: ReadonlyArray<readonly [format: MediaFormat, clip: Uint8Array]> = [
  ["mp3", mp3(1)],
  ["mp3", mp3WithCover(1, 100_000)],
  ["aac", aac(1)],
  ["m4a", mp4(1, "M4A ")],
  ["mp4", mp4(1)],
  ["mp4", mp4(1, "mp42")],
  ["mp4", mp4(1, "iso5")],
  ["quicktime", mp4(1, "qt  ")],
  ["3gpp", mp4(1, "3gp5")],
  ["3gpp2", mp4(1, "3g2a")],
  ["ogg", ogg(1)],
  ["webm", webm(1)],
  ["webm", webm(undefined)],
  ["matroska", webm(1, "matroska")],
  ["wav", wav(1)],
  ["flac", flac(1)],
  ["amr", heads.amr],
  ["avi", heads.avi]
]

/** Any part of the clip, one read at a time. */
export const stored = (format: MediaFormat, bytes: Uint8Array) => ({
  format,
  size: bytes.length,
  read: ({ first, last }: { readonly first: number; readonly last: number }) =>
    Effect.as(Effect.yieldNow, bytes.subarray(first, last + 1))
})

/** Every MediaProbe must pass this, whether it knows formats or only their first bytes. */
export const mediaProbeContract = <E>(name: string, adapter: Layer.Layer<MediaProbe, E>) =>
  layer(adapter)(`MediaProbe: ${name}`, (it) => {
    const formatOf = (bytes: Uint8Array) => MediaProbe.use((probe) => probe.formatOf(bytes.subarray(0, formatBytes)))
    const durationOf = (format: MediaFormat, bytes: Uint8Array) =>
      MediaProbe.use((probe) => probe.durationOf(stored(format, bytes)))

    it.effect("tells formats by their first bytes", () =>
      Effect.gen(function* () {
        for (const [format, clip] of clips) assert.strictEqual(yield* formatOf(clip), format)
      })
    )

    it.effect("takes nothing else for a clip", () =>
      Effect.gen(function* () {
        for (const [what, bytes] of Object.entries(others)) assert.isUndefined(yield* formatOf(bytes), what)
        assert.isUndefined(yield* formatOf(new Uint8Array(0)))
        for (const [, clip] of clips) assert.isUndefined(yield* formatOf(clip.subarray(0, 1)))
      })
    )

    it.effect("tells how long a sound is", () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* durationOf("wav", wav(3)), Duration.seconds(3))
      })
    )

    it.effect("does not tell what it does not know", () =>
      Effect.gen(function* () {
        for (const clip of [new Uint8Array(0), wav(1).subarray(0, 20), others.zeros, others.text]) {
          assert.isUndefined(yield* durationOf("wav", clip))
        }
        const away = Effect.fail(new BlobStoreUnavailable({ reason: "away" }))
        const unread = { ...stored("wav", wav(1)), read: () => away }
        assert.isUndefined(yield* MediaProbe.use((probe) => probe.durationOf(unread)))
      })
    )
  })
