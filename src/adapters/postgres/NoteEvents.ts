import type { SqlClient } from "effect/sql"
import { destinations, type EventRouting } from "../../domain/events/EventRouting.ts"
import type { NoteEventType } from "../../domain/events/NoteEvent.ts"
import { isoTime } from "./IsoTime.ts"

/**
 * Now, cut to the milliseconds that the columns keep. Rounded up, as a column does it, an event would not be due for a
 * moment after it was committed, just when the relay is woken to look for it.
 */
export const nowInMillis = "date_trunc('milliseconds', now())"

/**
 * The end of a statement whose CTE `note` holds changed notes, each with the `event_id` of its one event: writes that
 * event for each of its destinations. The data is what `NoteEventData` encodes to.
 */
export const insertNoteEvents = (sql: SqlClient.SqlClient, routing: EventRouting["Service"], type: NoteEventType) => {
  const now = sql.literal(nowInMillis)
  const time = (column: string) => sql.literal(isoTime(column))
  const body = type === "rookery.notes.deleted" ? sql`` : sql`'body', body,`
  return sql`
    INSERT INTO outbox (event_id, destination, type, subject, data, occurred_at, available_at)
    SELECT event_id, destination, ${type}::text, 'contacts/' || contact_id || '/notes/' || id,
      jsonb_build_object('id', id, 'contact_id', contact_id, 'user_id', account_id, ${body}
        'created_at', ${time("created_at")}, 'updated_at', ${time("updated_at")}),
      ${now}, ${now}
    FROM note CROSS JOIN unnest(${destinations(routing, type)}::text[]) AS destination`
}
