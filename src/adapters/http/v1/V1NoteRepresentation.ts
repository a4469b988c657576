import { DateTime } from "effect"
import { HttpServerResponse } from "effect/http"
import type { ContactId } from "../../../domain/contacts/Contact.ts"
import type { Note } from "../../../domain/contacts/Note.ts"
import type { PublicUrl } from "../PublicUrl.ts"
import type { V1Note } from "./V1NoteSchemas.ts"

export const notesPath = (contactId: ContactId) => `/api/v1/contacts/${contactId}/notes`

export const toWire = ({ processing, ...note }: Note): V1Note => ({
  id: note.id,
  contact_id: note.contactId,
  body: note.body,
  created_at: DateTime.formatIso(note.createdAt),
  updated_at: DateTime.formatIso(note.updatedAt),
  processing: {
    status: processing.status,
    attempts: processing.attempts,
    last_error: processing.lastError,
    processed_at: processing.processedAt === null ? null : DateTime.formatIso(processing.processedAt)
  }
})

/** The note as the answer to who has added it. */
export const addedAnswer = (note: Note, publicUrl: PublicUrl["Service"]) => {
  const location = publicUrl.to(`${notesPath(note.contactId)}/${note.id}`)
  return HttpServerResponse.jsonUnsafe(toWire(note), { status: 201, headers: { location } })
}
