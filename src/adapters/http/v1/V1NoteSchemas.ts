import { Schema } from "effect"
import { Processing } from "../../../domain/contacts/Note.ts"
import { described } from "../ApiDocs.ts"
import { pageQuery } from "../PageQuery.ts"
import { pathId } from "../PathId.ts"
import { contactParams } from "./V1ContactSchemas.ts"
import { docs } from "./V1Members.ts"

export const noteParams = { ...contactParams, note_id: pathId.pipe(Schema.brand("NoteId")) }

export const noteListQuery = pageQuery

const body = {
  type: "string",
  description: "Its text, not blank, of at most 100,000 characters",
  minLength: 1,
  maxLength: 100_000,
  example: "Asked for the price list, call back on Monday"
} as const

/** What the text of a note is under each of the names that it goes by. */
export const noteTexts = Object.fromEntries(
  ["body", "note_body", "note_text"].map((name) => [
    name,
    { summary: `As \`${name}\``, value: { [name]: body.example } }
  ])
)

const content = Schema.optionalKey(Schema.Unknown)
const readOnly = Schema.optionalKey(Schema.Unknown)

export const NoteText = described(
  Schema.Struct({
    body: content,
    note_body: content,
    note_text: content,
    id: readOnly,
    contact_id: readOnly,
    created_at: readOnly,
    updated_at: readOnly,
    processing: readOnly
  }),
  {
    name: "V1NoteText",
    description: "The text of a note, by any of three names",
    members: {
      body: { ...body, description: "The text" },
      note_body: { ...body, description: "Counts where there is no `body`" },
      note_text: { ...body, description: "Counts where there is neither `body` nor `note_body`" },
      id: docs.readOnly,
      contact_id: docs.readOnly,
      created_at: docs.readOnly,
      updated_at: docs.readOnly,
      processing: docs.readOnly
    }
  }
)

const V1Processing = described(
  Schema.Struct({
    status: Processing.fields.status,
    attempts: Schema.Int,
    last_error: Schema.NullOr(Schema.String),
    processed_at: Schema.NullOr(Schema.String)
  }),
  {
    name: "V1Processing",
    description: "How far the upstream service has come with the latest text of a note",
    members: {
      status: {
        description:
          "`pending` while it is on its way, `dead` where it was given up, `off` where there was no upstream service",
        example: "delivered"
      },
      attempts: { description: "Tries that have begun", minimum: 0, example: 1 },
      last_error: { description: "Why the latest try failed; null where none has", example: "answered 503" },
      processed_at: { ...docs.time, description: "When it was taken; null where it has not been" }
    }
  }
)

export const V1Note = described(
  Schema.Struct({
    id: Schema.Int,
    contact_id: Schema.Int,
    body: Schema.String,
    created_at: Schema.String,
    updated_at: Schema.String,
    processing: V1Processing
  }),
  {
    name: "V1Note",
    description: "A note about a contact",
    members: {
      id: { description: "Given by the server", minimum: 1, example: 1 },
      contact_id: { description: "The contact that it is about", minimum: 1, example: 1 },
      body,
      created_at: docs.createdAt,
      updated_at: docs.time
    }
  }
)
export type V1Note = typeof V1Note.Type
