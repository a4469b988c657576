import { Effect, Stream } from "effect"
import { BlobLengthMismatch } from "./BlobStore.ts"

/** The same stream, failing at the first byte too many, or at its end where bytes are missing. */
export const ofLength = <E, R>(
  stream: Stream.Stream<Uint8Array, E, R>,
  announced: number | undefined
): Stream.Stream<Uint8Array, E | BlobLengthMismatch, R> =>
  announced === undefined
    ? stream
    : Stream.suspend(() => {
        const mismatch = Effect.fail(new BlobLengthMismatch({ announced }))
        let length = 0
        return stream.pipe(
          Stream.mapArrayEffect((chunks) => {
            for (const chunk of chunks) length += chunk.length
            return length > announced ? mismatch : Effect.succeed(chunks)
          }),
          Stream.concat(Stream.suspend(() => (length === announced ? Stream.empty : Stream.fromEffect(mismatch))))
        )
      })
