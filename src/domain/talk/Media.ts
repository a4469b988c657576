import { Duration, Schema } from "effect"
import { AccountId } from "../accounts/Account.ts"
import { BlobKey, ContentType } from "../shared/BlobStore.ts"
import { MediaKind } from "./MediaFormat.ts"

export const MediaId = Schema.Int.check(Schema.isGreaterThan(0)).pipe(Schema.brand("MediaId"))
export type MediaId = typeof MediaId.Type

/** How long a clip stays that nobody has sent. */
export const unsentFor = Duration.days(1)

/** How many clips an account may have at a time that it has not sent. */
export const mostUnsent = 100

/** A clip that somebody uploaded. */
export class Media extends Schema.Class<Media>("Media")({
  id: MediaId,
  uploader: AccountId,
  kind: MediaKind,
  contentType: ContentType,
  blobKey: BlobKey,
  /** In bytes. */
  size: Schema.Int,
  /** Null where it could not be read. */
  duration: Schema.NullOr(Schema.Duration),
  createdAt: Schema.DateTimeUtc
}) {}

/** No such clip, or none that one may see, or send: nobody can tell which. */
export class MediaNotFound extends Schema.TaggedError<MediaNotFound>()("MediaNotFound", {}) {}

/** The clip is of the other kind than the message says. */
export class WrongMediaKind extends Schema.TaggedError<WrongMediaKind>()("WrongMediaKind", { kind: MediaKind }) {}

/** What was sent is no clip that is taken, or not what it was said to be. */
export class MediaRefused extends Schema.TaggedError<MediaRefused>()("MediaRefused", {
  /** Reads on from "The file". */
  reason: Schema.String
}) {}

/** So many clips wait to be sent: the next comes when one of them has been sent, or removed after a day. */
export class TooManyUnsent extends Schema.TaggedError<TooManyUnsent>()("TooManyUnsent", { most: Schema.Int }) {}

export class MediaTooLarge extends Schema.TaggedError<MediaTooLarge>()("MediaTooLarge", {
  /** In bytes. */
  most: Schema.Int
}) {}
