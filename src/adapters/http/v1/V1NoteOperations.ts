import { operation } from "./V1Docs.ts"
import { noteTexts } from "./V1NoteSchemas.ts"

const contactNotFound = "Contact not found"
const noteNotFound = "Note not found"
const required = "body is required"
const underWay = "A request with this Idempotency-Key is being answered right now"

const text =
  "Its text goes by `body`, `note_body` or `note_text`; the first of them that is there counts. " +
  "A note that was written is sent to the upstream service and to the event stream, after the answer."

/** What the document says of each operation of notes. */
export const operations = {
  listContactNotes: operation({
    id: "listContactNotes",
    summary: "List notes of a contact, a part at a time",
    description: "Ordered by id.",
    errors: { 404: contactNotFound, 422: "limit must be a whole number from 1 to 100" }
  }),
  addNote: operation({
    id: "addNote",
    summary: "Add a note",
    description: `${text} With an \`Idempotency-Key\` it is added once, however often the request is sent.`,
    errors: { 404: contactNotFound, 409: underWay, 422: required },
    requests: noteTexts
  }),
  readNote: operation({
    id: "readNote",
    summary: "Get one note",
    description: "Somebody else's note is not found.",
    errors: { 404: noteNotFound, 422: "note_id must be a positive integer" }
  }),
  replaceNote: operation({
    id: "replaceNote",
    summary: "Replace the text of a note",
    description: text,
    errors: { 404: noteNotFound, 422: required },
    requests: noteTexts
  }),
  changeNote: operation({
    id: "changeNote",
    summary: "Change the text of a note",
    description: `There is nothing else to change of it, so this does the same as PUT. ${text}`,
    errors: { 404: noteNotFound, 422: required },
    requests: noteTexts
  }),
  removeNote: operation({
    id: "removeNote",
    summary: "Delete a note",
    description: "The event stream is told.",
    errors: { 404: noteNotFound, 422: "note_id must be a positive integer" }
  }),
  resendNote: operation({
    id: "resendNote",
    summary: "Send a dead note to the upstream service again",
    description: "For a note whose `processing` is `dead`, with all its tries before it.",
    errors: {
      404: noteNotFound,
      409: "There is nothing to send again: the processing of this note is delivered",
      422: "note_id must be a positive integer"
    }
  })
}
