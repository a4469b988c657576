import { Context, type DateTime, type Effect, Schema, type Scope, type Stream } from "effect"
import type { BlobRange, ByteSpan } from "./BlobRange.ts"

/**
 * The name of a blob: parts of lowercase letters, digits, `-` and `_`, with `/` between them; 1 to 200 characters. The
 * same on every store and file system: there is no case to lose, no `..`, and no empty part.
 */
export const BlobKey = Schema.String.check(
  Schema.isPattern(/^(?=.{1,200}$)[a-z0-9_-]+(?:\/[a-z0-9_-]+)*$/, {
    message: "must be parts of a-z, 0-9, - and _ with / between them, 200 characters at most"
  })
).pipe(Schema.brand("BlobKey"))
export type BlobKey = typeof BlobKey.Type

/** A media type (RFC 9110, 8.3.1), with or without parameters; at most 255 characters. */
export const ContentType = Schema.String.check(
  Schema.isPattern(/^(?=.{1,255}$)[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?: ?;[\x20-\x7e]*[\x21-\x7e])?$/, {
    message: "must be a media type"
  })
).pipe(Schema.brand("ContentType"))
export type ContentType = typeof ContentType.Type

export interface BlobInfo {
  /** Of the whole blob, in bytes. */
  readonly size: number
  readonly contentType: ContentType
  /** Another one whenever the bytes differ, as a strong validator (RFC 9110, 8.8.3) has to be; without its quotes. */
  readonly etag: string
  /** Exact to the second or better. */
  readonly lastModified: DateTime.Utc
}

/**
 * A blob that is being read: all of it is from one write, also when it is overwritten meanwhile. Where it is deleted
 * meanwhile, its stream brings all of it or fails.
 */
export interface OpenBlob {
  readonly info: BlobInfo
  /** What `stream` has of it; undefined where no range was asked for. */
  readonly span: ByteSpan | undefined
  /** To be run once, before the scope closes. */
  readonly stream: Stream.Stream<Uint8Array, BlobStoreUnavailable>
}

export interface ListedBlob {
  readonly key: BlobKey
  readonly size: number
  readonly lastModified: DateTime.Utc
}

export class BlobNotFound extends Schema.TaggedError<BlobNotFound>()("BlobNotFound", { key: BlobKey }) {}

/** The blob has no byte of that range. */
export class BlobRangeUnsatisfiable extends Schema.TaggedError<BlobRangeUnsatisfiable>()("BlobRangeUnsatisfiable", {
  key: BlobKey,
  /** Of the whole blob, in bytes. */
  size: Schema.Int
}) {}

/** The stream did not have the length that was announced. Nothing was stored. */
export class BlobLengthMismatch extends Schema.TaggedError<BlobLengthMismatch>()("BlobLengthMismatch", {
  announced: Schema.Int
}) {}

/** The store can't be reached, is full or refuses: the same may work later. Of a write nothing is known to be stored. */
export class BlobStoreUnavailable extends Schema.TaggedError<BlobStoreUnavailable>()("BlobStoreUnavailable", {
  reason: Schema.String
}) {}

export interface PutOptions {
  readonly contentType: ContentType
  /** In bytes, where it is known. A stream of another length is refused. */
  readonly length?: number | undefined
}

/**
 * Keeps bytes under keys. It takes part in no transaction: a row that names a blob is written after the blob, and the
 * blob is deleted after the row; what a crash leaves between the two is found with `list`.
 */
export class BlobStore extends Context.Service<
  BlobStore,
  {
    /**
     * Stores what the stream brings, durably, in place of what was there. Who reads meanwhile sees the one or the other
     * as a whole. Whatever ends the stream or this effect before the last byte leaves nothing behind, and the old blob as
     * it was.
     */
    put<E, R>(
      key: BlobKey,
      stream: Stream.Stream<Uint8Array, E, R>,
      options: PutOptions
    ): Effect.Effect<BlobInfo, E | BlobLengthMismatch | BlobStoreUnavailable, R>
    /** Opens it until the scope closes. A blob of no bytes satisfies no range. */
    get(
      key: BlobKey,
      range?: BlobRange
    ): Effect.Effect<OpenBlob, BlobNotFound | BlobRangeUnsatisfiable | BlobStoreUnavailable, Scope.Scope>
    /** What `get` would say of it, without its bytes. */
    info(key: BlobKey): Effect.Effect<BlobInfo, BlobNotFound | BlobStoreUnavailable>
    /** There is no such blob afterwards; nor need there have been one. */
    delete(key: BlobKey): Effect.Effect<void, BlobStoreUnavailable>
    /** Those whose keys begin with `prefix` (any text; "" lists all), in no order, fetched as they are read. */
    list(prefix: string): Stream.Stream<ListedBlob, BlobStoreUnavailable>
  }
>()("rookery/domain/shared/BlobStore") {}
