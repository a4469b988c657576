import { Duration, Effect, Layer, Option, Semaphore } from "effect"
import type { MediaFormat } from "../../domain/talk/MediaFormat.ts"
import { MediaProbe, type StoredClip } from "../../domain/talk/MediaProbe.ts"
import { ClipBlob } from "./ClipBlob.ts"
import { loadMediaLibraries } from "./MediaLibraries.ts"

/** By the names that file-type gives them. */
const formats = new Map<string | undefined, MediaFormat>([
  ["audio/mpeg", "mp3"],
  ["audio/aac", "aac"],
  ["audio/x-m4a", "m4a"],
  ["audio/mp4", "m4a"],
  ["video/mp4", "mp4"],
  ["video/x-m4v", "mp4"],
  ["video/quicktime", "quicktime"],
  ["video/3gpp", "3gpp"],
  ["video/3gpp2", "3gpp2"],
  ["audio/ogg", "ogg"],
  ["audio/ogg; codecs=opus", "ogg"],
  ["video/ogg", "ogg"],
  ["application/ogg", "ogg"],
  ["video/webm", "webm"],
  ["video/matroska", "matroska"],
  ["audio/wav", "wav"],
  ["audio/flac", "flac"],
  ["audio/amr", "amr"],
  ["audio/aiff", "aiff"],
  ["audio/x-caf", "caf"],
  ["application/vnd.ms-asf", "asf"],
  ["audio/x-ms-asf", "asf"],
  ["video/x-ms-asf", "asf"],
  ["video/vnd.avi", "avi"],
  ["video/mpeg", "mpeg"],
  ["video/MP1S", "mpeg"],
  ["video/MP2P", "mpeg"],
  ["video/mp2t", "mpegts"],
  ["video/x-flv", "flv"]
])

/** By which music-metadata knows what it has before it; what it does not know better is told by the bytes. */
const typeOf = (format: MediaFormat) => (format === "3gpp" || format === "3gpp2" ? "video/mp4" : "")

/** How many are looked into at once: that is done on the thread that answers requests. */
const concurrency = 2

const patience = Duration.seconds(10)

/** No clip of 100 MB plays longer. What a damaged one says may be any number. */
const longest = Duration.days(30)

const durationOf = (seconds: number | undefined): Option.Option<Duration.Duration> =>
  seconds !== undefined && seconds > 0 && seconds <= Duration.toSeconds(longest)
    ? Option.some(Duration.millis(Math.round(seconds * 1000)))
    : Option.none()

/** Loads its libraries when the first clip comes. */
export const MediaProbeMusicMetadata = Layer.effect(
  MediaProbe,
  Effect.gen(function* () {
    const turns = yield* Semaphore.make(concurrency)

    const secondsOf = Effect.fnUntraced(function* ({ format, read, size }: StoredClip) {
      const { secondsOf } = yield* Effect.promise(loadMediaLibraries)
      const run = Effect.runPromiseWith(yield* Effect.context<never>())
      return yield* Effect.tryPromise((signal) =>
        secondsOf(ClipBlob.of(typeOf(format), size, (span) => run(read(span), { signal })))
      )
    })

    return MediaProbe.of({
      formatOf: (head) =>
        Effect.promise(async () => {
          const { typeOf } = await loadMediaLibraries()
          return formats.get(await typeOf(head))
        }),

      durationOf: Effect.fn("MediaProbe.durationOf")((clip: StoredClip) =>
        secondsOf(clip).pipe(
          Effect.timeoutOption(patience),
          Effect.tapError(({ cause }) => Effect.logDebug("Nobody knows how long a clip plays", cause)),
          Effect.orElseSucceed(() => Option.none<number | undefined>()),
          Effect.map((seconds) => Option.getOrUndefined(Option.flatMap(seconds, durationOf))),
          turns.withPermit
        )
      )
    })
  })
)
