import { type Effect, Layer } from "effect"
import { BlobRemovals } from "../../../src/domain/shared/BlobRemovals.ts"
import { BlobStore } from "../../../src/domain/shared/BlobStore.ts"

/** What happens instead of a call where the process has been killed before it. */
export type Step = <A, E, R>(call: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** What a process that may be killed at any step has of blobs: those it writes, and those that it wants removed. */
export const blobsWith = (step: Step) =>
  Layer.merge(
    Layer.effect(
      BlobStore,
      BlobStore.useSync((blobs) =>
        BlobStore.of({ ...blobs, put: (key, stream, options) => step(blobs.put(key, stream, options)) })
      )
    ),
    Layer.effect(
      BlobRemovals,
      BlobRemovals.useSync((removals) =>
        BlobRemovals.of({
          schedule: (key, delay) => step(removals.schedule(key, delay)),
          cancel: (key) => step(removals.cancel(key))
        })
      )
    )
  )
