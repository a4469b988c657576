import { type Duration, Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { randomUUID } from "node:crypto"
import { EventId } from "../../../domain/events/Outbox.ts"
import { BlobRemovals, blobSubject, removalEntry } from "../../../domain/shared/BlobRemovals.ts"
import type { BlobKey } from "../../../domain/shared/BlobStore.ts"
import { nowInMillis } from "../NoteEvents.ts"
import { insertOutboxEntry } from "../OutboxInsert.ts"

const Found = Schema.Struct({ id: Schema.Int })

/** A removal is an entry of the outbox that falls due later. */
export const BlobRemovalsPostgres = Layer.effect(
  BlobRemovals,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const insertEntry = insertOutboxEntry(sql)

    /** Nobody has set about these yet, nor has the time come for it. */
    const waiting = (subject: string) => sql`destination = 'blobs' AND subject = ${subject}
      AND died_at IS NULL AND attempts = 0 AND available_at > now()`

    const bringForward = SqlSchema.findAll({
      Request: Schema.Struct({ subject: Schema.String, delay: Schema.DurationFromMillis }),
      Result: Found,
      execute: ({ delay, subject }) => sql`UPDATE outbox SET available_at =
          least(available_at, ${sql.literal(nowInMillis)} + ${delay} * interval '1 millisecond')
        WHERE ${waiting(subject)} RETURNING id`
    })

    const deleteEntries = SqlSchema.findAll({
      Request: Schema.String,
      Result: Found,
      execute: (subject) => sql`DELETE FROM outbox WHERE ${waiting(subject)} RETURNING id`
    })

    const schedule = Effect.fn("BlobRemovals.schedule")(function* (key: BlobKey, delay: Duration.Duration) {
      const subject = blobSubject(key)
      const earlier = yield* bringForward({ subject, delay })
      if (earlier.length > 0) return
      const entry = yield* Effect.sync(() => removalEntry(EventId.make(randomUUID()), key))
      yield* insertEntry({ ...entry, delay })
    }, Effect.orDie)

    const cancel = Effect.fn("BlobRemovals.cancel")(
      (key: BlobKey) => Effect.map(deleteEntries(blobSubject(key)), (deleted) => deleted.length > 0),
      Effect.orDie
    )

    return BlobRemovals.of({ schedule, cancel })
  })
)
