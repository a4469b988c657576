import { type DateTime, HashMap, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import type { Note } from "../../domain/contacts/Note.ts"
import { destinations, type EventRouting } from "../../domain/events/EventRouting.ts"
import { NoteEventData, type NoteEventType } from "../../domain/events/NoteEvent.ts"
import { EventId, OutboxEntry } from "../../domain/events/Outbox.ts"
import type { MemoryWorld, World } from "./MemoryWorld.ts"

export const newEventId = () => EventId.make(SecureRandom.uuidV4Unsafe())

const encodeData = Schema.encodeSync(Schema.toCodecJson(NoteEventData))

/** The world with an event of the note in it, for each of its destinations. */
export const withNoteEvent = (
  { nextId }: MemoryWorld["Service"],
  routing: EventRouting["Service"],
  before: World,
  event: { readonly id: EventId; readonly type: NoteEventType; readonly note: Note; readonly now: DateTime.Utc }
): World => {
  const { id: eventId, note, now, type } = event
  const data = encodeData({
    id: note.id,
    contact_id: note.contactId,
    user_id: note.accountId,
    ...(type === "rookery.notes.deleted" ? {} : { body: note.body }),
    created_at: note.createdAt,
    updated_at: note.updatedAt
  })
  const subject = `contacts/${note.contactId}/notes/${note.id}`
  const rows = destinations(routing, type).map((destination) => {
    const id = nextId("outbox")
    const entry = new OutboxEntry({ id, eventId, destination, type, subject, data, occurredAt: now, attempts: 0 })
    return [id, { entry, noteId: note.id, availableAt: now, holder: null, lastError: null, diedAt: null }] as const
  })
  return { ...before, outbox: HashMap.setMany(before.outbox, rows) }
}
