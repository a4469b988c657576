import type { SqlClient } from "effect/sql"
import { destinations, type EventRouting } from "../../domain/events/EventRouting.ts"
import type { NoteEventType } from "../../domain/events/NoteEvent.ts"
import { isoTime } from "./IsoTime.ts"

/**
 * Now, cut to the milliseconds that the columns keep. Rounded up, as a column does it, an event would not be due for a
 * moment after it was committed, just when the relay is woken to look for it.
 */
export const nowInMillis = "date_trunc('milliseconds', now())"

/** Parameters: to whom the events of the event stream are leased as they are written, and for how long; null and 0 to nobody. */
export interface LeasedTo {
  readonly holder: string
  readonly leaseMillis: string
}

/**
 * The end of a statement whose CTE `note` holds changed notes, each with the `event_id` of its one event: writes that
 * event for each of its destinations. The data is what `noteEventData` comes to. With a lease the
 * rows tell the `id`, `event_id` and `destination`.
 */
export const insertNoteEvents = (
  sql: SqlClient.SqlClient,
  routing: EventRouting["Service"],
  type: NoteEventType,
  lease?: LeasedTo
) => {
  const now = sql.literal(nowInMillis)
  const time = (column: string) => sql.literal(isoTime(column))
  const leased = ({ holder, leaseMillis }: LeasedTo) => sql`
      ${now} + CASE WHEN destination = 'broker' THEN ${leaseMillis}::integer ELSE 0 END * interval '1 millisecond',
      CASE WHEN destination = 'broker' THEN ${holder}::text END`
  const body = type === "rookery.notes.deleted" ? sql`` : sql`'body', body,`
  return sql`
    INSERT INTO outbox (event_id, destination, type, subject, data, occurred_at, available_at, holder)
    SELECT event_id, destination, ${type}::text, 'contacts/' || contact_id || '/notes/' || id,
      jsonb_build_object('id', id, 'contact_id', contact_id, 'user_id', account_id, ${body}
        'created_at', ${time("created_at")}, 'updated_at', ${time("updated_at")}),
      ${now}, ${lease === undefined ? sql`${now}, NULL` : leased(lease)}
    FROM note CROSS JOIN unnest(${destinations(routing, type)}::text[]) AS destination
    ${lease === undefined ? sql`` : sql`RETURNING id, event_id, destination`}`
}
