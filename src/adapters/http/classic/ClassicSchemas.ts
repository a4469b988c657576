import { Schema } from "effect"
import { EmailAddress } from "../../../domain/shared/EmailAddress.ts"
import { FullName } from "../../../domain/contacts/FullName.ts"
import { PhoneNumber } from "../../../domain/shared/PhoneNumber.ts"
import { described } from "../ApiDocs.ts"
import { pathId } from "../PathId.ts"
import { docs } from "./ClassicMembers.ts"

export const contactParams = { contact_id: pathId.pipe(Schema.brand("ContactId")) }
export const noteParams = { ...contactParams, note_id: pathId.pipe(Schema.brand("NoteId")) }

/** Members that answers carry: what comes back in a request is passed over, so that clients can send what they read. */
const readOnly = Schema.optionalKey(Schema.Unknown)

/** What an answer says that has nothing to show. */
const deleted = (name: string, example: string) =>
  described(Schema.Struct({ message: Schema.String }), {
    name,
    description: "It is gone",
    members: { message: { example } }
  })

export const ContactDeleted = deleted("ClassicContactDeleted", "Contact deleted successfully")
export const NoteDeleted = deleted("ClassicNoteDeleted", "Note deleted successfully")

const writable = {
  email: Schema.optionalKey(Schema.NullOr(EmailAddress)),
  phone_number: Schema.optionalKey(Schema.NullOr(PhoneNumber)),
  id: readOnly,
  user_id: readOnly
}

const writableDocs = {
  name: docs.name,
  email: docs.email,
  phone_number: docs.phoneNumber,
  id: docs.readOnly,
  user_id: docs.readOnly
}

export const NewContact = described(Schema.Struct({ name: FullName, ...writable }), {
  name: "ClassicNewContact",
  description: "A contact to be",
  members: writableDocs
})

export const ContactChange = described(Schema.Struct({ name: Schema.optionalKey(FullName), ...writable }), {
  name: "ClassicContactChange",
  description: "What is to change; what it leaves out stays",
  members: writableDocs
})
export type ContactChange = typeof ContactChange.Type

export const ClassicContact = described(
  Schema.Struct({
    id: Schema.Int,
    name: Schema.String,
    email: Schema.NullOr(Schema.String),
    phone_number: Schema.NullOr(Schema.String),
    user_id: Schema.Int
  }),
  {
    name: "ClassicContact",
    description: "A contact of the address book",
    members: {
      id: docs.id,
      name: docs.name,
      email: docs.email,
      phone_number: docs.phoneNumber,
      user_id: docs.userId
    }
  }
)
export type ClassicContact = typeof ClassicContact.Type

const content = Schema.optionalKey(Schema.Unknown)

export const NoteWrite = described(
  Schema.Struct({
    body: content,
    note_body: content,
    note_text: content,
    id: readOnly,
    created_at: readOnly
  }),
  {
    name: "ClassicNoteText",
    description: "The text of a note, by any of three names",
    members: {
      body: { ...docs.noteBody, description: "The text" },
      note_body: { ...docs.noteBody, description: "Counts where there is no `body`" },
      note_text: { ...docs.noteBody, description: "Counts where there is neither `body` nor `note_body`" },
      id: docs.readOnly,
      created_at: docs.readOnly
    }
  }
)

export const ClassicNote = described(
  Schema.Struct({
    id: Schema.Int,
    body: Schema.String,
    created_at: Schema.DateTimeUtcFromString
  }),
  {
    name: "ClassicNote",
    description: "A note about a contact",
    members: { id: docs.id, body: docs.noteBody, created_at: docs.createdAt }
  }
)
export type ClassicNote = typeof ClassicNote.Type
