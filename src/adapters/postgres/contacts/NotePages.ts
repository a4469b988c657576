import { Effect, Schema } from "effect"
import { type SqlClient, SqlSchema } from "effect/sql"
import { AccountId } from "../../../domain/accounts/Account.ts"
import { ContactId, ContactNotFound } from "../../../domain/contacts/Contact.ts"
import type { PageRequest } from "../../../domain/shared/Page.ts"
import { noteColumns, noteOf, NoteRow } from "./NoteRows.ts"

const OwnedContact = Schema.Struct({ owner: AccountId, contactId: ContactId })

const PageRow = Schema.Struct({ ...NoteRow.fields, total: Schema.Int })
/** The one row of a contact without notes, or without any on that page. */
const EmptyRow = Schema.Struct({ id: Schema.Null })
const EmptyPageRow = Schema.Struct({ ...EmptyRow.fields, total: Schema.Int })

/** Parts of the notes of a contact, each in one round trip that also finds out whether there is that contact. */
export const notePages = (sql: SqlClient.SqlClient) => {
  const columns = sql.literal(noteColumns)

  const selectAfter = SqlSchema.findNonEmpty({
    Request: Schema.Struct({ ...OwnedContact.fields, after: Schema.Int, limit: Schema.Int }),
    Result: Schema.Union([NoteRow, EmptyRow]),
    execute: ({ after, contactId, limit, owner }) => sql`SELECT ${columns}
      FROM contacts LEFT JOIN LATERAL (
        SELECT * FROM notes WHERE contact_id = contacts.id AND id > ${after} ORDER BY id LIMIT ${limit}
      ) AS note ON true
      WHERE contacts.id = ${contactId} AND contacts.account_id = ${owner}
      ORDER BY note.id`
  })

  const selectPage = SqlSchema.findNonEmpty({
    Request: Schema.Struct({ ...OwnedContact.fields, skip: Schema.Int, limit: Schema.Int }),
    Result: Schema.Union([PageRow, EmptyPageRow]),
    execute: ({ contactId, limit, owner, skip }) => sql`SELECT ${columns}, total
      FROM contacts
        CROSS JOIN LATERAL (SELECT count(*) AS total FROM notes WHERE contact_id = contacts.id) AS whole
        LEFT JOIN LATERAL (
          SELECT id AS found_id FROM notes WHERE contact_id = contacts.id ORDER BY id LIMIT ${limit} OFFSET ${skip}
        ) AS page ON true
        LEFT JOIN notes AS note ON note.id = found_id
      WHERE contacts.id = ${contactId} AND contacts.account_id = ${owner}
      ORDER BY note.id`
  })

  const notFound = (id: ContactId) => ({
    NoSuchElementError: () => Effect.fail(new ContactNotFound({ id })),
    SchemaError: Effect.die,
    SqlError: Effect.die
  })

  const listByContact = Effect.fn("NoteRepository.listByContact")(
    (owner: AccountId, contactId: ContactId, after: number, limit: number) =>
      selectAfter({ owner, contactId, after, limit }).pipe(
        Effect.map((rows) => rows.flatMap((row) => (row.id === null ? [] : [noteOf(row)]))),
        Effect.catchTags(notFound(contactId))
      )
  )

  const page = Effect.fn("NoteRepository.page")(
    (owner: AccountId, contactId: ContactId, { limit, skip }: PageRequest) =>
      selectPage({ owner, contactId, skip, limit }).pipe(
        Effect.map((rows) => ({
          items: rows.flatMap((row) => (row.id === null ? [] : [noteOf(row)])),
          total: rows[0].total
        })),
        Effect.catchTags(notFound(contactId))
      )
  )

  return { listByContact, page }
}
