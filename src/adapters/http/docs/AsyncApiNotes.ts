import { Schema } from "effect"
import { CloudEvent, cloudEventMediaType } from "../../../domain/events/CloudEvent.ts"
import { NoteEventData, type NoteEventType } from "../../../domain/events/NoteEvent.ts"
import { described } from "../ApiDocs.ts"
import { type DocumentedMessage, messageOf } from "./AsyncApiMessages.ts"

const { body: _, ...which } = NoteEventData.fields

const example = {
  id: 12,
  contact_id: 1,
  user_id: 2,
  body: "Asked for the price list, call back on Monday",
  time: "2026-11-20T16:42:10.123Z"
} as const

const time = (description: string) => ({ description, format: "date-time", example: example.time })

const whichDocs = {
  id: { description: "The note", minimum: 1, example: example.id },
  contact_id: { description: "The contact that it is about", minimum: 1, example: example.contact_id },
  user_id: { description: "The account that both belong to", minimum: 1, example: example.user_id },
  created_at: time("When the note was made"),
  updated_at: time("When it was changed last")
}

const Note = described(Schema.Struct({ ...which, body: Schema.String }), {
  name: "NoteData",
  description: "A note as it was after the change",
  members: { ...whichDocs, body: { description: "Its text", example: example.body } }
})

const DeletedNote = described(Schema.Struct(which), {
  name: "DeletedNoteData",
  description: "Which note it was",
  members: whichDocs
})

const event = (type: NoteEventType, data: Schema.Top, name: string, description: string) =>
  described(Schema.Struct({ ...CloudEvent.fields, type: Schema.Literal(type), data }), {
    name,
    description,
    members: {
      specversion: { description: "The version of CloudEvents" },
      id: {
        description: "Of the event, the same however often it comes: remember it, and act on it once",
        format: "uuid",
        example: "7d3f2f5e-0b1c-4f0e-9a3b-0c8f6f1f4b7a"
      },
      source: { description: "Where the server is reached", format: "uri", example: "https://rookery.example" },
      type: { description: "What has happened, whatever the prefix of the subject is" },
      subject: {
        description: "Which note it was",
        pattern: "^contacts/[0-9]+/notes/[0-9]+$",
        example: `contacts/${example.contact_id}/notes/${example.id}`
      },
      time: time("When it happened"),
      datacontenttype: { description: "The type of `data`" }
    }
  })

const headers = {
  type: "object",
  required: ["Nats-Msg-Id"],
  properties: {
    "Nats-Msg-Id": {
      type: "string",
      format: "uuid",
      description: "The `id` of the event, by which the stream takes it once"
    },
    "content-type": { type: "string", const: cloudEventMediaType }
  }
}

export interface NoteChannel {
  /** The last part of its subject. */
  readonly name: "created" | "updated" | "deleted"
  readonly message: DocumentedMessage
}

const channel = (name: NoteChannel["name"], title: string, data: Schema.Top, description: string): NoteChannel => ({
  name,
  message: messageOf(event(`rookery.notes.${name}`, data, title, description), {
    contentType: cloudEventMediaType,
    headers
  })
})

/** What becomes of notes, told to whoever subscribes at the broker. */
export const noteChannels = (): ReadonlyArray<NoteChannel> => [
  channel("created", "NoteCreated", Note, "Somebody wrote a note about a contact"),
  channel("updated", "NoteUpdated", Note, "A note has another text"),
  channel("deleted", "NoteDeleted", DeletedNote, "A note is gone, by itself or with its contact")
]
