/** The names under which clients send the text of a note, the first present one counts. */
export interface NoteContent {
  readonly body?: unknown
  readonly note_body?: unknown
  readonly note_text?: unknown
}

/** What was sent as the text of a note, whatever its name; null counts as absent. */
export const noteContent = (content: NoteContent): unknown => content.body ?? content.note_body ?? content.note_text
