import { DateTime, Schema } from "effect"
import type { Note } from "../contacts/Note.ts"

export const NoteEventType = Schema.Literals([
  "rookery.notes.created",
  "rookery.notes.updated",
  "rookery.notes.deleted"
])
export type NoteEventType = typeof NoteEventType.Type

/** What a note event tells: the note as it then was; of a deleted one only which it was. */
export const NoteEventData = Schema.Struct({
  id: Schema.Int,
  contact_id: Schema.Int,
  user_id: Schema.Int,
  body: Schema.optionalKey(Schema.String),
  created_at: Schema.DateTimeUtcFromString,
  updated_at: Schema.DateTimeUtcFromString
})
export type NoteEventData = typeof NoteEventData.Type

/** Of the note, which keeps the order of its events. */
export const noteEventSubject = ({ contactId, id }: Note): string => `contacts/${contactId}/notes/${id}`

/** Its members are in the order that PostgreSQL keeps them in: whichever way an event goes, it is the same to the letter. */
export const noteEventData = (note: Note, type: NoteEventType): typeof NoteEventData.Encoded => ({
  id: note.id,
  ...(type === "rookery.notes.deleted" ? {} : { body: note.body }),
  user_id: note.accountId,
  contact_id: note.contactId,
  created_at: DateTime.formatIso(note.createdAt),
  updated_at: DateTime.formatIso(note.updatedAt)
})
