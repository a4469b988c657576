import { Schema } from "effect"
import { ContactFields } from "../../../domain/contacts/Contact.ts"
import { Text } from "../../../domain/shared/Text.ts"
import { TimeZoneName } from "../../../domain/shared/TimeZoneName.ts"
import { described, type MemberDocs } from "../ApiDocs.ts"
import { pageQuery } from "../PageQuery.ts"
import { pathId } from "../PathId.ts"
import { docs } from "./V1Members.ts"

const { birthday, company, email, firstName, lastName, notes, phone, title } = ContactFields.fields

/** What `PUT` asks for: the members that every client of this dialect knows. */
const known = { first_name: firstName, last_name: lastName, email, phone, birthday, notes }

const readOnly = Schema.optionalKey(Schema.Unknown)
const passedOver = { id: readOnly, created_at: readOnly, updated_at: readOnly }

const writableDocs = {
  first_name: { description: "Not blank", minLength: 1, maxLength: 255, example: "Alice" },
  last_name: { description: "Null where there is none", maxLength: 255, example: "Smith" },
  email: { description: "Null where there is none", format: "email", example: "alice@example.com" },
  phone: {
    description: "7 to 15 digits with an optional leading +, kept as it was written; null where there is none",
    pattern: "^\\+?[0-9]{7,15}$",
    example: "+380501234567"
  },
  company: { description: "Null where there is none", maxLength: 255, example: "Example Corp" },
  title: { description: "Null where there is none", maxLength: 255, example: "Developer" },
  birthday: { description: "A day of the calendar; null where it is not known", format: "date", example: "1990-05-15" },
  notes: { description: "Null where there are none", maxLength: 10_000, example: "Met at conference" }
} as const satisfies Record<string, MemberDocs>

const readOnlyDocs = { id: docs.readOnly, created_at: docs.readOnly, updated_at: docs.readOnly }

export const contactParams = { contact_id: pathId.pipe(Schema.brand("ContactId")) }

const optional = {
  last_name: Schema.optionalKey(lastName),
  email: Schema.optionalKey(email),
  phone: Schema.optionalKey(phone),
  company: Schema.optionalKey(company),
  title: Schema.optionalKey(title),
  birthday: Schema.optionalKey(birthday),
  notes: Schema.optionalKey(notes)
}

export const NewContact = described(Schema.Struct({ first_name: firstName, ...optional, ...passedOver }), {
  name: "V1NewContact",
  description: "A contact to be",
  members: { ...writableDocs, ...readOnlyDocs }
})

export type NewContact = typeof NewContact.Type

export const ContactReplacement = described(
  Schema.Struct({ ...known, company: optional.company, title: optional.title, ...passedOver }),
  {
    name: "V1ContactReplacement",
    description: "A contact as it is to be; an absent `company` or `title` stays as it is",
    members: { ...writableDocs, ...readOnlyDocs }
  }
)

export const ContactChange = described(
  Schema.Struct({ first_name: Schema.optionalKey(firstName), ...optional, ...passedOver }),
  {
    name: "V1ContactChange",
    description: "What is to change; what it leaves out stays, and null clears what may be null",
    members: { ...writableDocs, ...readOnlyDocs }
  }
)
export type ContactChange = typeof ContactChange.Type

export const V1Contact = described(
  Schema.Struct({
    id: Schema.Int,
    first_name: Schema.String,
    last_name: Schema.NullOr(Schema.String),
    email: Schema.NullOr(Schema.String),
    phone: Schema.NullOr(Schema.String),
    company: Schema.NullOr(Schema.String),
    title: Schema.NullOr(Schema.String),
    birthday: Schema.NullOr(Schema.String),
    notes: Schema.NullOr(Schema.String),
    created_at: Schema.String,
    updated_at: Schema.String
  }),
  {
    name: "V1Contact",
    description: "A contact of the address book",
    members: {
      id: { description: "Given by the server", minimum: 1, example: 1 },
      ...writableDocs,
      created_at: docs.createdAt,
      updated_at: docs.time
    }
  }
)
export type V1Contact = typeof V1Contact.Type

export const contactListQuery = { search: Schema.optionalKey(Text(255)), ...pageQuery }

export const birthdaysQuery = { tz: Schema.optionalKey(TimeZoneName) }

export const V1Birthday = described(
  Schema.Struct({
    id: Schema.Int,
    first_name: Schema.String,
    last_name: Schema.NullOr(Schema.String),
    birthday: Schema.String,
    days_until: Schema.Int
  }),
  {
    name: "V1Birthday",
    description: "Somebody whose birthday is near",
    members: {
      id: { description: "The id of the contact", minimum: 1, example: 3 },
      first_name: { example: "Bob" },
      last_name: { description: "Null where there is none", example: "Jones" },
      birthday: { format: "date", example: "1985-10-14" },
      days_until: { description: "0 is today", minimum: 0, maximum: 7, example: 2 }
    }
  }
)
export type V1Birthday = typeof V1Birthday.Type
