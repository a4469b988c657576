import { DateTime, Schema } from "effect"
import type { LiveEvent } from "../../application/notifications/LiveEvent.ts"
import { Connected, connected, EventId, Timestamp } from "./TalkEvents.ts"

const ContactId = Schema.Int.annotate({ description: "The contact", examples: [1] })

/** What clients of v1 are told: which contact or note is another now, and nothing of what is in it. */
export const AddressBookEvent = Schema.Union([
  Connected,
  Schema.Struct({
    event: Schema.Literals(["contact_created", "contact_updated", "contact_deleted"]),
    contact_id: ContactId,
    timestamp: Timestamp,
    id: EventId
  }).annotate({ identifier: "ContactChanged", description: "A contact of one's own was made, changed or deleted" }),
  Schema.Struct({
    event: Schema.Literals(["note_created", "note_updated", "note_deleted"]),
    contact_id: ContactId,
    note_id: Schema.Int.annotate({ description: "The note", examples: [12] }),
    timestamp: Timestamp,
    id: EventId
  }).annotate({ identifier: "NoteChanged", description: "A note about such a contact was made, changed or deleted" })
])
export type AddressBookEvent = typeof AddressBookEvent.Type

/** Undefined for what v1 does not tell of. */
export const addressBookEvent = (event: LiveEvent): AddressBookEvent | undefined => {
  switch (event._tag) {
    case "Connected":
      return connected(event)
    case "ContactChanged":
      return {
        event: `contact_${event.change}`,
        contact_id: event.contactId,
        timestamp: DateTime.formatIso(event.at),
        id: event.id
      }
    case "NoteChanged":
      return {
        event: `note_${event.change}`,
        contact_id: event.contactId,
        note_id: event.noteId,
        timestamp: DateTime.formatIso(event.at),
        id: event.id
      }
    default:
      return undefined
  }
}
