import { Effect, Schema, String } from "effect"
import { Contact } from "../../../domain/contacts/Contact.ts"
import type { ContactMembers } from "../../../domain/contacts/ContactRepository.ts"
import { isoTime } from "../IsoTime.ts"
import { asFields, trusting } from "../TrustedRows.ts"

// timestamptz arrives from the driver as a Date.
export const ContactRow = Schema.Struct({
  ...Contact.fields,
  createdAt: Schema.DateTimeUtcFromDate,
  updatedAt: Schema.DateTimeUtcFromDate
})

export const contactColumns =
  "id, account_id, first_name, last_name, email, phone, company, title, birthday, notes, created_at, updated_at"

/** The same under the names of the fields: for rows that are read as they come. */
export const fieldColumns = asFields(contactColumns)

const rowOf = Schema.decodeUnknownEffect(ContactRow, trusting)

/** The contact in a row of the `fieldColumns`. */
export const contactFrom = (row: unknown): Effect.Effect<Contact, Schema.SchemaError> =>
  Effect.map(rowOf(row), (fields) => new Contact(fields, trusting))

const isTime = (field: string) => field === "createdAt" || field === "updatedAt"

/** What to select of contacts, so that `row_to_json` makes these members of each. */
export const jsonMembers = (members: ContactMembers): string =>
  members
    .map(([member, field]) => {
      const column = String.camelToSnake(field)
      return isTime(field) ? `${isoTime(column)} AS "${member}"` : `${column} AS "${member}"`
    })
    .join(", ")
