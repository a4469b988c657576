import { Duration, Effect, Layer } from "effect"
import type { MediaFormat } from "../../domain/talk/MediaFormat.ts"
import { MediaProbe } from "../../domain/talk/MediaProbe.ts"

const textOf = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to))

const brands: ReadonlyArray<readonly [pattern: RegExp, format: MediaFormat | undefined]> = [
  [/^M4[AB]/, "m4a"],
  [/^qt/, "quicktime"],
  [/^3gp/, "3gpp"],
  [/^3g2/, "3gpp2"],
  [/^(hei|mif1|avi)/, undefined],
  [/^/, "mp4"]
]

const starts: ReadonlyArray<readonly [pattern: RegExp, format: MediaFormat]> = [
  [/^ID3/, "mp3"],
  [/^\xff[\xfb\xf3\xfa]/, "mp3"],
  [/^\xff[\xf1\xf9]/, "aac"],
  [/^OggS/, "ogg"],
  [/^fLaC/, "flac"],
  [/^#!AMR/, "amr"],
  [/^RIFF.{4}WAVE/s, "wav"],
  [/^RIFF.{4}AVI /s, "avi"],
  // After the four bytes that begin EBML, the first of which is a control character.
  [/^.E\xdf\xa3.{0,40}webm/s, "webm"],
  [/^.E\xdf\xa3.{0,40}matroska/s, "matroska"]
]

/** Tells the commonest formats by a few bytes, and how long a sound in WAV is. */
export const MediaProbeMemory = Layer.succeed(
  MediaProbe,
  MediaProbe.of({
    formatOf: (head) =>
      Effect.sync(() => {
        const text = textOf(head, 0, 64)
        if (text.slice(4, 8) === "ftyp") return brands.find(([pattern]) => pattern.test(text.slice(8)))?.[1]
        return starts.find(([pattern]) => pattern.test(text))?.[1]
      }),

    durationOf: Effect.fnUntraced(
      function* ({ format, read, size }) {
        if (format !== "wav" || size <= 44) return undefined
        const head = yield* read({ first: 0, last: 43 })
        const bytesEachSecond = new DataView(head.buffer, head.byteOffset).getUint32(28, true)
        return bytesEachSecond === 0 ? undefined : Duration.seconds((size - 44) / bytesEachSecond)
      },
      Effect.orElseSucceed(() => undefined)
    )
  })
)
