import type { DateTime } from "effect"
import type { Note } from "../../domain/contacts/Note.ts"
import { destinations, type EventRouting } from "../../domain/events/EventRouting.ts"
import { noteEventData, noteEventSubject, type NoteEventType } from "../../domain/events/NoteEvent.ts"
import type { EventId } from "../../domain/events/Outbox.ts"
import type { MemoryWorld } from "./MemoryWorld.ts"
import { newRow, withRows } from "./OutboxRowsMemory.ts"
import type { World } from "./World.ts"

/** The world with an event of the note in it, for each of its destinations. */
export const withNoteEvent = (
  world: MemoryWorld["Service"],
  routing: EventRouting["Service"],
  before: World,
  event: { readonly id: EventId; readonly type: NoteEventType; readonly note: Note; readonly now: DateTime.Utc }
): World => {
  const { id: eventId, note, now, type } = event
  const data = noteEventData(note, type)
  const subject = noteEventSubject(note)
  const rows = destinations(routing, type).map((destination) =>
    newRow(world, { eventId, destination, type, subject, data }, now, { noteId: note.id })
  )
  return withRows(before, rows)
}
