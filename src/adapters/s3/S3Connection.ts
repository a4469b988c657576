import type { S3 } from "@aws-sdk/client-s3"
import { Duration, Effect, Predicate, Redacted, Schema } from "effect"
import { BlobStoreUnavailable } from "../../domain/shared/BlobStore.ts"

export interface S3Options {
  /** `http` or `https`. Its buckets are addressed by path. */
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: Redacted.Redacted<string>
  /** For one question with all its tries, from connecting to the head of the answer. 30 seconds. */
  readonly patience?: Duration.Duration
}

/** Why the store did not do it. The messages of answers are left out: they quote requests, and those carry the key's id. */
export class S3Failed extends Schema.TaggedError<S3Failed>()("S3Failed", {
  /** As S3 names it (`NoSuchKey`), or the system (`ECONNREFUSED`). */
  code: Schema.String,
  /** Of the answer; undefined where there was none. */
  status: Schema.optional(Schema.Int)
}) {}

export const unavailable = ({ code, status }: S3Failed) =>
  new BlobStoreUnavailable({ reason: status === undefined ? `S3: ${code}` : `S3 answered ${status} ${code}` })

const isCode = (text: unknown): text is string => Predicate.isString(text) && /^\w{1,64}$/.test(text)

const member = (value: unknown, name: string): unknown => (Predicate.hasProperty(value, name) ? value[name] : undefined)

export const failed = (cause: unknown): S3Failed => {
  const status = member(member(cause, "$metadata"), "httpStatusCode")
  const code = [member(cause, "code"), member(cause, "name")].find(isCode) ?? "unknown"
  return new S3Failed({ code, status: Predicate.isNumber(status) ? status : undefined })
}

export interface Abortable {
  readonly abortSignal: AbortSignal
}

/** Asks the store, for so long; what follows of an answer is not limited by it. */
export type Ask = <A>(
  question: (s3: S3, abortable: Abortable) => Promise<A>,
  limit?: Duration.Duration
) => Effect.Effect<A, S3Failed>

/** Everything of the SDK that could read the environment or the files of the AWS tools is said here instead. */
const clientOptions = ({ accessKeyId, endpoint, region, secretAccessKey }: S3Options) =>
  ({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey: Redacted.value(secretAccessKey) },
    forcePathStyle: true,
    // Stores that are not AWS do not know the checksums that the SDK adds of its own accord.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    followRegionRedirects: false,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    defaultsMode: "standard",
    retryMode: "standard",
    maxAttempts: 3,
    // Each reader holds a connection for as long as it reads.
    requestHandler: { connectionTimeout: 5000, httpAgent: { maxSockets: 256 }, httpsAgent: { maxSockets: 256 } }
  }) as const

/** The SDK, loaded now and not before: that takes 80 ms and 37 MB. Closed with the scope. */
export const connectS3 = Effect.fnUntraced(function* (options: S3Options) {
  const sdk = yield* Effect.promise(() => import("@aws-sdk/client-s3"))
  const s3 = yield* Effect.acquireRelease(
    Effect.sync(() => new sdk.S3(clientOptions(options))),
    (client) => Effect.sync(() => client.destroy())
  )
  const patience = options.patience ?? Duration.seconds(30)

  /**
   * The time limit is the request's own, so that it holds where nothing can be interrupted, too. It ends with the head of
   * the answer: a signal that is raised later still cuts off the body.
   */
  const ask: Ask = (question, limit = patience) =>
    Effect.suspend(() => {
      const late = new AbortController()
      return Effect.tryPromise({
        try: (interrupted) => {
          const timer = setTimeout(() => late.abort(), Duration.toMillis(limit))
          return question(s3, { abortSignal: AbortSignal.any([interrupted, late.signal]) }).finally(() =>
            clearTimeout(timer)
          )
        },
        catch: (cause) => (late.signal.aborted ? new S3Failed({ code: "no answer in time" }) : failed(cause))
      })
    })

  return { ask, bucket: options.bucket, patience }
})

export type S3Connection = Effect.Success<ReturnType<typeof connectS3>>
