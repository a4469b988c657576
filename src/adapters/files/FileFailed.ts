import { Effect, Predicate, Schema } from "effect"
import { BlobStoreUnavailable } from "../../domain/shared/BlobStore.ts"

/** What the file system said, such as `ENOENT`. */
export class FileFailed extends Schema.TaggedError<FileFailed>()("FileFailed", { code: Schema.String }) {}

const codeOf = (cause: unknown) =>
  Predicate.hasProperty(cause, "code") && Predicate.isString(cause.code) ? cause.code : "unknown"

export const attempt = <A>(work: () => Promise<A>): Effect.Effect<A, FileFailed> =>
  Effect.tryPromise({ try: work, catch: (cause) => new FileFailed({ code: codeOf(cause) }) })

export const unavailable = ({ code }: FileFailed) =>
  new BlobStoreUnavailable({ reason: `the file system said ${code}` })
