import { Schema } from "effect"
import { type SqlClient, SqlSchema } from "effect/sql"
import { Destination, EventId } from "../../domain/events/Outbox.ts"
import { nowInMillis } from "./NoteEvents.ts"

const NewEntry = Schema.Struct({
  eventId: EventId,
  destination: Destination,
  type: Schema.String,
  subject: Schema.String,
  data: Schema.fromJsonString(Schema.Json),
  /** Until it is due. */
  delay: Schema.DurationFromMillis
})

/** Writes an entry of the outbox, in the surrounding transaction. */
export const insertOutboxEntry = (sql: SqlClient.SqlClient) =>
  SqlSchema.void({
    Request: NewEntry,
    execute: ({ data, delay, destination, eventId, subject, type }) => sql`
      INSERT INTO outbox (event_id, destination, type, subject, data, occurred_at, available_at)
      VALUES (${eventId}, ${destination}, ${type}, ${subject}, ${data}::text::jsonb, ${sql.literal(nowInMillis)},
        ${sql.literal(nowInMillis)} + ${delay} * interval '1 millisecond')`
  })
