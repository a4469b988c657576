import { Context, type Duration, type Effect, Schema } from "effect"
import type { EventId } from "../events/Outbox.ts"
import { BlobKey } from "./BlobStore.ts"

export const BlobRemovedData = Schema.Struct({ key: BlobKey })

/** The removals of one blob come one after the other. */
export const blobSubject = (key: BlobKey): string => `blobs/${key}`

/** What tells the blob store, as it lies in the outbox. */
export const removalEntry = (eventId: EventId, key: BlobKey) =>
  ({
    eventId,
    destination: "blobs",
    type: "rookery.blobs.removed",
    subject: blobSubject(key),
    data: { key }
  }) as const

/**
 * Blobs that are to go, kept with the rows that name blobs. A blob store takes part in no transaction: whoever stores a
 * blob schedules its removal first, and cancels it in the transaction that makes a row name it. Whatever dies between
 * the two leaves nothing behind.
 */
export class BlobRemovals extends Context.Service<
  BlobRemovals,
  {
    /**
     * Once the transaction is committed and `delay` has passed, the blob is removed, however often that has to be tried.
     * Of several the earliest counts.
     */
    schedule(key: BlobKey, delay: Duration.Duration): Effect.Effect<void>
    /** False where nothing was scheduled, or where the time has come: the blob is gone then, or is about to be. */
    cancel(key: BlobKey): Effect.Effect<boolean>
  }
>()("rookery/domain/shared/BlobRemovals") {}
