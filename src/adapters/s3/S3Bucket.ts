import { DateTime, Duration, Effect, Option, Semaphore, Stream } from "effect"
import type { Ask, S3Connection, S3Failed } from "./S3Connection.ts"

/** An upload that began before this long is nobody's any more. */
const abandonedAfter = Duration.days(1)

/** Another instance made it at the same time. Somebody else's bucket is not missing, but forbidden. */
const ours = ({ code }: S3Failed) => code === "BucketAlreadyOwnedByYou" || code === "BucketAlreadyExists"

const makeBucket = ({ ask, bucket: Bucket }: S3Connection) =>
  ask((s3, abortable) => s3.headBucket({ Bucket }, abortable)).pipe(
    // A key that may use the bucket and not look at it learns from its use whether it is there.
    Effect.catchIf(
      ({ status }) => status === 403,
      () => Effect.void
    ),
    Effect.catchIf(
      ({ status }) => status === 404,
      () => ask((s3, abortable) => s3.createBucket({ Bucket }, abortable))
    ),
    Effect.catchIf(ours, () => Effect.void),
    Effect.asVoid
  )

/** The connection, with the bucket made where it is missing: when it is first used, and after it turned out to be gone. */
export const withBucket = (connection: S3Connection) => {
  const turn = Semaphore.makeUnsafe(1)
  let known = false
  const make = Effect.suspend(() => (known ? Effect.void : makeBucket(connection))).pipe(
    Effect.andThen(
      Effect.sync(() => {
        known = true
      })
    )
  )
  const ready = Effect.suspend(() => (known ? Effect.void : turn.withPermit(make)))
  const ask: Ask = (question, limit) =>
    Effect.andThen(ready, connection.ask(question, limit)).pipe(
      Effect.tapError(({ code }) =>
        Effect.sync(() => {
          if (code === "NoSuchBucket") known = false
        })
      )
    )
  return { ...connection, ask }
}

/** Uploads whose process was killed: their parts are kept, and paid for, until somebody takes them away. */
export const dropAbandonedUploads = Effect.fnUntraced(function* ({ ask, bucket: Bucket }: S3Connection) {
  const before = DateTime.subtractDuration(yield* DateTime.now, abandonedAfter)
  const uploads = Stream.paginate({}, (markers: { readonly KeyMarker?: string; readonly UploadIdMarker?: string }) =>
    ask((s3, abortable) => s3.listMultipartUploads({ Bucket, ...markers }, abortable)).pipe(
      Effect.map(({ IsTruncated, NextKeyMarker, NextUploadIdMarker, Uploads = [] }) => {
        const more = IsTruncated === true && NextKeyMarker !== undefined && NextUploadIdMarker !== undefined
        const next = more
          ? Option.some({ KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker })
          : Option.none()
        return [Uploads, next] as const
      })
    )
  )
  yield* Stream.runForEach(uploads, ({ Initiated, Key, UploadId }) =>
    Initiated !== undefined && DateTime.isLessThan(DateTime.fromDateUnsafe(Initiated), before)
      ? Effect.ignore(ask((s3, abortable) => s3.abortMultipartUpload({ Bucket, Key, UploadId }, abortable)))
      : Effect.void
  )
})
