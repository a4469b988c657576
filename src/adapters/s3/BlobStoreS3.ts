import * as NodeStream from "@effect/platform-node/NodeStream"
import { DateTime, Effect, Layer, Option, Schema, Stream } from "effect"
import { Readable } from "node:stream"
import { ofLength } from "../../domain/shared/BlobLength.ts"
import { type BlobRange, rangeHeader } from "../../domain/shared/BlobRange.ts"
import {
  BlobKey,
  BlobNotFound,
  BlobRangeUnsatisfiable,
  BlobStore,
  BlobStoreUnavailable,
  type PutOptions
} from "../../domain/shared/BlobStore.ts"
import { etagOf, infoOf, spanIn } from "./S3Answers.ts"
import { dropAbandonedUploads, withBucket } from "./S3Bucket.ts"
import { connectS3, failed, type S3Failed, type S3Options, unavailable } from "./S3Connection.ts"
import { isMissing, lookingAgain } from "./S3Missing.ts"
import { upload } from "./S3Upload.ts"

export interface BlobStoreS3Options extends S3Options {
  /** How many keys are listed at once; 1000, which is also the most. */
  readonly pageSize?: number
}

const isKey = Schema.is(BlobKey)

/**
 * One object for each blob, in any store that speaks S3. It may be away at start and later: each use fails by itself. The
 * bucket is made when it is missing.
 */
export const BlobStoreS3 = (options: BlobStoreS3Options) =>
  Layer.effect(
    BlobStore,
    Effect.gen(function* () {
      const connection = withBucket(yield* connectS3(options))
      const { ask } = connection
      const Bucket = options.bucket

      yield* dropAbandonedUploads(connection).pipe(
        Effect.catch((error) => Effect.logWarning(`The blob store failed at start: ${unavailable(error).reason}`)),
        Effect.forkScoped
      )

      const put = <E, R>(key: BlobKey, stream: Stream.Stream<Uint8Array, E, R>, { contentType, length }: PutOptions) =>
        upload(ask, { Bucket, Key: key }, ofLength(stream, length), contentType).pipe(
          Effect.flatMap(({ etag, size }) =>
            // An answer to a write does not say when it was.
            Effect.map(DateTime.now, (lastModified) => ({ size, contentType, etag: etagOf(etag), lastModified }))
          ),
          Effect.withSpan("BlobStore.put")
        )

      const found = (key: BlobKey) => (error: S3Failed) =>
        isMissing(error) ? new BlobNotFound({ key }) : unavailable(error)

      const info = Effect.fn("BlobStore.info")(function* (key: BlobKey) {
        const question = ask((s3, abortable) => s3.headObject({ Bucket, Key: key }, abortable))
        const head = yield* Effect.mapError(lookingAgain(question), found(key))
        return infoOf(head, head.ContentLength ?? 0)
      })

      const fetched = (key: BlobKey, range: BlobRange | undefined) => {
        const wanted = { Bucket, Key: key, ...(range === undefined ? undefined : { Range: rangeHeader(range) }) }
        return Effect.acquireRelease(
          lookingAgain(ask((s3, abortable) => s3.getObject(wanted, abortable))),
          ({ Body }) => Effect.sync(() => void (Body instanceof Readable && Body.destroy())),
          { interruptible: true }
        )
      }

      const bytesOf = (body: unknown) =>
        body instanceof Readable
          ? NodeStream.fromReadable({ evaluate: () => body, onError: (cause) => unavailable(failed(cause)) }).pipe(
              Stream.timeoutOrElse({
                duration: connection.patience,
                orElse: () => Stream.fail(new BlobStoreUnavailable({ reason: "S3: no more bytes in time" }))
              })
            )
          : Stream.empty

      const get = Effect.fn("BlobStore.get")(function* (key: BlobKey, range?: BlobRange) {
        const unsatisfiable = Effect.flatMap(info(key), ({ size }) =>
          Effect.fail(new BlobRangeUnsatisfiable({ key, size }))
        )
        const answer = yield* fetched(key, range).pipe(
          Effect.catchIf(
            ({ status }) => status === 416,
            () => unsatisfiable
          ),
          Effect.catchTag("S3Failed", (error) => Effect.fail(found(key)(error)))
        )
        const stream = bytesOf(answer.Body)
        const length = answer.ContentLength ?? 0
        if (range === undefined) return { info: infoOf(answer, length), span: undefined, stream }
        const part = spanIn(answer.ContentRange)
        if (part !== undefined) return { info: infoOf(answer, part.size), span: part.span, stream }
        // A store may answer for an empty blob as if no range had been asked for.
        if (length === 0) return yield* unsatisfiable
        return yield* new BlobStoreUnavailable({ reason: "S3: the answer does not say what range it is" })
      })

      const remove = Effect.fn("BlobStore.delete")(
        function* (key: BlobKey) {
          yield* ask((s3, abortable) => s3.deleteObject({ Bucket, Key: key }, abortable))
        },
        Effect.catchIf(
          ({ status }) => status === 404,
          () => Effect.void
        ),
        Effect.mapError(unavailable)
      )

      const list = (prefix: string) =>
        Stream.paginate(Option.none<string>(), (token) =>
          ask((s3, abortable) =>
            s3.listObjectsV2(
              {
                Bucket,
                Prefix: prefix,
                MaxKeys: options.pageSize ?? 1000,
                ...(Option.isSome(token) ? { ContinuationToken: token.value } : undefined)
              },
              abortable
            )
          ).pipe(
            Effect.map(({ Contents = [], NextContinuationToken }) => {
              const blobs = Contents.flatMap(({ Key, LastModified, Size }) =>
                isKey(Key) && LastModified !== undefined
                  ? [{ key: Key, size: Size ?? 0, lastModified: DateTime.fromDateUnsafe(LastModified) }]
                  : []
              )
              const next =
                NextContinuationToken === undefined ? Option.none() : Option.some(Option.some(NextContinuationToken))
              return [blobs, next] as const
            })
          )
        ).pipe(Stream.mapError(unavailable))

      return BlobStore.of({ put, get, info, delete: remove, list })
    })
  )
