import { Schema } from "effect"

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
