import { Effect, Layer, Schema } from "effect"
import { patience } from "../../domain/events/Backoff.ts"
import { BlobRemovedData } from "../../domain/shared/BlobRemovals.ts"
import { BlobStore } from "../../domain/shared/BlobStore.ts"
import { DeliveryUnavailable, runDeliveries } from "../events/Deliveries.ts"
import { makeOutage } from "../events/Outage.ts"

const decode = Schema.decodeUnknownEffect(BlobRemovedData)

/** Removes the blobs whose time has come from the blob store, for as long as its scope lasts. */
export const BlobRemoval = Layer.effectDiscard(
  Effect.gen(function* () {
    const blobs = yield* BlobStore
    const outage = yield* makeOutage("The blob store")

    yield* runDeliveries({
      destination: "blobs",
      ...patience,
      deliver: ({ data }) =>
        Effect.flatMap(decode(data), ({ key }) => blobs.delete(key)).pipe(
          Effect.tap(outage.ended),
          Effect.tapErrorTag("BlobStoreUnavailable", ({ reason }) => outage.began(reason)),
          Effect.catchTags({
            // Written by a newer version, which may be the one that tries next.
            SchemaError: () => Effect.fail(new DeliveryUnavailable({ reason: "it names no blob" })),
            BlobStoreUnavailable: ({ reason }) => Effect.fail(new DeliveryUnavailable({ reason }))
          })
        )
    })
  })
)
