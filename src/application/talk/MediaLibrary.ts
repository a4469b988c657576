import { Context, DateTime, Duration, Effect, Layer, Schema, type Scope, Stream } from "effect"
import { SecureRandom } from "effect/crypto"
import type { AccountId } from "../../domain/accounts/Account.ts"
import { OutboxSignal } from "../../domain/events/OutboxSignal.ts"
import type { BlobRange, ByteSpan } from "../../domain/shared/BlobRange.ts"
import { BlobRemovals } from "../../domain/shared/BlobRemovals.ts"
import {
  type BlobInfo,
  BlobKey,
  type BlobRangeUnsatisfiable,
  BlobStore,
  BlobStoreUnavailable,
  type OpenBlob
} from "../../domain/shared/BlobStore.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"
import {
  type Media,
  type MediaId,
  MediaNotFound,
  MediaRefused,
  type MediaTooLarge,
  type TooManyUnsent,
  unsentFor
} from "../../domain/talk/Media.ts"
import { contentTypeOf, type NamedMedia } from "../../domain/talk/MediaFormat.ts"
import { formatBytes, MediaProbe } from "../../domain/talk/MediaProbe.ts"
import { MediaRepository, type NewMedia } from "../../domain/talk/MediaRepository.ts"
import { atMost, peelHead } from "./ClipStream.ts"
import { type NoPhoneNumber, PhoneHolders } from "./PhoneHolders.ts"
import { makeUploadPlaces } from "./UploadPlaces.ts"

/** The clip was removed while it was stored. */
class ClipRemoved extends Schema.TaggedError<ClipRemoved>()("ClipRemoved", {}) {}

const mostBytes = 100 * 1024 * 1024

/** For storing a clip and naming it, however slowly it comes. */
const grace = unsentFor

const hexadecimal = Schema.encodeSync(Schema.Uint8ArrayFromHex)

export interface OpenMedia {
  readonly media: Media
  readonly blob: OpenBlob
}

/** Clips that people send each other. They are neither kept in memory as a whole nor changed. */
export class MediaLibrary extends Context.Service<
  MediaLibrary,
  {
    /**
     * Keeps a clip for its uploader to send; it goes after a day if that is not done. Its first bytes have to be of what it
     * is said to be. Reads no further than 100 MiB, and nothing where 100 clips wait to be sent.
     */
    upload<E, R>(
      uploader: AccountId,
      named: NamedMedia,
      file: Stream.Stream<Uint8Array, E, R>
    ): Effect.Effect<Media, E | NoPhoneNumber | TooManyUnsent | MediaRefused | MediaTooLarge | BlobStoreUnavailable, R>
    /** What there is to know of a clip without its bytes. Its uploader may, and whoever received a message with it. */
    describe(
      reader: AccountId,
      id: MediaId
    ): Effect.Effect<
      { readonly media: Media; readonly info: BlobInfo },
      NoPhoneNumber | MediaNotFound | BlobStoreUnavailable
    >
    /** Opens it, or a part of it, until the scope closes. Who may {@link describe} it may. */
    open(
      reader: AccountId,
      id: MediaId,
      range?: BlobRange
    ): Effect.Effect<
      OpenMedia,
      NoPhoneNumber | MediaNotFound | BlobRangeUnsatisfiable | BlobStoreUnavailable,
      Scope.Scope
    >
  }
>()("rookery/application/talk/MediaLibrary") {
  static readonly layer = Layer.effect(
    MediaLibrary,
    Effect.gen(function* () {
      const media = yield* MediaRepository
      const probe = yield* MediaProbe
      const blobs = yield* BlobStore
      const removals = yield* BlobRemovals
      const holders = yield* PhoneHolders
      const random = yield* SecureRandom.SecureRandom
      const signal = yield* OutboxSignal
      const { atomic } = yield* Transaction
      const places = yield* makeUploadPlaces

      /** What the clip is, and by which media type it goes from now on. */
      const recognize = Effect.fnUntraced(function* (named: NamedMedia, bytes: Uint8Array) {
        if (bytes.length === 0) return yield* new MediaRefused({ reason: "is empty" })
        const format = yield* probe.formatOf(bytes)
        if (format === undefined) return yield* new MediaRefused({ reason: "is no clip of a format that is taken" })
        const contentType = contentTypeOf(format, named)
        if (contentType !== undefined) return { format, contentType }
        return yield* new MediaRefused({ reason: `is not ${named.contentType ?? named.kind}` })
      })

      const readPart = (key: BlobKey) => (span: ByteSpan) =>
        Effect.scoped(Effect.flatMap(blobs.get(key, span), ({ stream }) => Stream.mkUint8Array(stream))).pipe(
          Effect.catchTag(["BlobNotFound", "BlobRangeUnsatisfiable"], () =>
            Effect.fail(new BlobStoreUnavailable({ reason: "what was stored just now is not there" }))
          )
        )

      /** From here on the clip is kept. */
      const name = Effect.fnUntraced(function* (clip: NewMedia) {
        const named = yield* media.insert(clip, yield* DateTime.now)
        return (yield* removals.cancel(clip.blobKey)) ? named : yield* new ClipRemoved()
      }, atomic)

      const removeAgain = (key: BlobKey) =>
        removals
          .schedule(key, Duration.zero)
          .pipe(
            Effect.andThen(signal.notifyOf(["blobs"])),
            Effect.andThen(Effect.fail(new BlobStoreUnavailable({ reason: "storing a clip took longer than a day" })))
          )

      /** Whatever ends this before the clip has a name, the clip goes when its time has come. */
      const upload = Effect.fn("MediaLibrary.upload")(function* <E, R>(
        uploader: AccountId,
        named: NamedMedia,
        file: Stream.Stream<Uint8Array, E, R>
      ) {
        yield* holders.require(uploader)
        yield* places.take(uploader)
        const head = yield* peelHead(atMost(file, mostBytes), formatBytes)
        const { contentType, format } = yield* recognize(named, head.bytes)
        const blobKey = BlobKey.make(`media/${hexadecimal(yield* random.randomBytes(16))}`)
        yield* removals.schedule(blobKey, grace)
        const { size } = yield* blobs
          .put(blobKey, head.whole, { contentType })
          // No length was announced.
          .pipe(Effect.catchTag("BlobLengthMismatch", Effect.die))
        const duration = (yield* probe.durationOf({ format, size, read: readPart(blobKey) })) ?? null
        const { kind } = named
        return yield* name({ uploader, kind, contentType, blobKey, size, duration }).pipe(
          Effect.catchTag("ClipRemoved", () => removeAgain(blobKey))
        )
      }, Effect.scoped)

      const find = Effect.fnUntraced(function* (reader: AccountId, id: MediaId) {
        yield* holders.require(reader)
        return yield* media.findVisible(reader, id)
      })

      /** The clip was removed between the two looks. */
      const gone = () => Effect.fail(new MediaNotFound())

      const describe = Effect.fn("MediaLibrary.describe")(function* (reader: AccountId, id: MediaId) {
        const media = yield* find(reader, id)
        return { media, info: yield* Effect.catchTag(blobs.info(media.blobKey), "BlobNotFound", gone) }
      })

      const open = Effect.fn("MediaLibrary.open")(function* (reader: AccountId, id: MediaId, range?: BlobRange) {
        const media = yield* find(reader, id)
        return { media, blob: yield* Effect.catchTag(blobs.get(media.blobKey, range), "BlobNotFound", gone) }
      })

      return MediaLibrary.of({ upload, describe, open })
    })
  )
}
