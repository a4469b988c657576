import { liveEvent, type LogEntry, type Notifications } from "./Notifications.ts"
import type { Database } from "./Database.ts"

interface NoteRow extends LogEntry {
  readonly id: number
  readonly contact_id: number
  readonly body: string
  readonly created_at: Date
  readonly updated_at: Date
  readonly processing_status: string
  readonly processing_attempts: number
  readonly processing_error: string | null
  readonly processed_at: Date | null
}

const toWire = (row: NoteRow) => ({
  id: row.id,
  contact_id: row.contact_id,
  body: row.body,
  created_at: row.created_at,
  updated_at: row.updated_at,
  processing: {
    status: row.processing_status,
    attempts: row.processing_attempts,
    last_error: row.processing_error,
    processed_at: row.processed_at
  }
})

/** Adds notes: one statement, and so one transaction and one round trip, for the note, its event and its notification. */
export const makeNotes = (database: Database, { addressBook }: Notifications) => {
  const insert = database.prepared<NoteRow>("note")

  /** Undefined where the owner has no such contact. */
  return async (owner: number, contactId: number | string, body: string) => {
    const [row] = await insert(contactId, owner, body)
    if (row === undefined) return undefined
    if (row.newest_id !== null) {
      addressBook.tell(owner, liveEvent("note_created", { contact_id: row.contact_id, note_id: row.id }, row))
    }
    return toWire(row)
  }
}
