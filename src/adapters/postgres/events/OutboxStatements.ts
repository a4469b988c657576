import type { SqlClient } from "effect/sql"
import type { Processing } from "../../../domain/contacts/Note.ts"
import { int8Array } from "../Int8.ts"

export const outboxStatements = (sql: SqlClient.SqlClient) => {
  /** Cut to the milliseconds that the column keeps: rounded up, what is due now would not be due for a moment. */
  const inMillis = (delay: number) => sql`date_trunc('milliseconds', now() + ${delay} * interval '1 millisecond')`

  /** The holder's entries among those; locked in the order of their ids, so that two such statements never deadlock. */
  const leased = (holder: string, ids: ReadonlyArray<number>) =>
    sql`SELECT id FROM outbox WHERE id = ANY(${int8Array(ids)}) AND holder = ${holder} ORDER BY id FOR UPDATE`

  /**
   * Keeps the processing of notes with what became of the entries in the CTE `entry`, where an entry tells of the latest
   * version of its note. The note is found by its key: its event id has no index, which every write would pay for.
   */
  const keepProcessing = (status: (typeof Processing.Type)["status"]) => sql`
    UPDATE notes SET processing_status = ${status}, processing_attempts = latest.attempts,
      processing_error = ${status === "delivered" ? null : sql`latest.last_error`},
      processed_at = ${status === "delivered" ? sql`now()` : null}
    FROM (
      SELECT notes.id, notes.event_id, entry.attempts, entry.last_error
      FROM notes JOIN entry ON notes.id = (entry.data ->> 'id')::bigint AND notes.event_id = entry.event_id
      WHERE entry.destination = 'upstream' ORDER BY notes.id FOR UPDATE OF notes
    ) AS latest
    WHERE notes.id = latest.id AND notes.event_id = latest.event_id`

  return { inMillis, leased, keepProcessing }
}
