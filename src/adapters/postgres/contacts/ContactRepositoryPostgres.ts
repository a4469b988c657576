import { Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { AccountId, AccountNotFound } from "../../../domain/accounts/Account.ts"
import { Contact, ContactFields, ContactId, ContactNotFound } from "../../../domain/contacts/Contact.ts"
import { ContactRepository } from "../../../domain/contacts/ContactRepository.ts"
import { EventRouting } from "../../../domain/events/EventRouting.ts"
import { spanned } from "../../../domain/shared/Spanned.ts"
import { searchText } from "../../../domain/shared/SearchText.ts"
import { tellAddressBook } from "../AddressBookNotifications.ts"
import { insertNoteEvents } from "../NoteEvents.ts"
import { contactReads } from "./ContactReads.ts"
import { contactLists } from "./ContactLists.ts"
import { contactColumns, contactFrom, ContactRow, fieldColumns } from "./ContactRows.ts"

/** What a contact is found by goes with every write of it. */
const searchable = <A extends Pick<ContactFields, "firstName" | "lastName" | "email">>(fields: A) => ({
  ...fields,
  searchText: searchText(fields.firstName, fields.lastName, fields.email)
})

const OwnedContact = Schema.Struct({ owner: AccountId, id: ContactId })

export const ContactRepositoryPostgres = Layer.effect(
  ContactRepository,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const routing = yield* EventRouting

    const columns = sql.literal(contactColumns)
    const shownColumns = sql.literal(fieldColumns)

    const selectById = (owner: AccountId, id: ContactId) =>
      sql`SELECT ${shownColumns} FROM contacts WHERE id = ${id} AND account_id = ${owner}`.withoutTransform

    // Keeps writers out and, unlike FOR UPDATE, not those who add a note to the contact.
    const lockById = SqlSchema.findOne({
      Request: OwnedContact,
      Result: ContactRow,
      execute: ({ id, owner }) =>
        sql`SELECT ${columns} FROM contacts WHERE id = ${id} AND account_id = ${owner} FOR NO KEY UPDATE`
    })

    // The lock is the one that the foreign key takes, at the end of the statement: too late, since the counter is locked
    // by then, which whoever deletes the account locks after it. Taken here, an account that has been deleted is missing.
    const insertRow = SqlSchema.findOne({
      Request: Schema.Struct({ owner: AccountId, ...ContactFields.fields, searchText: Schema.String }),
      Result: ContactRow,
      execute: (row) => sql`
        WITH owner AS (SELECT id FROM accounts WHERE id = ${row.owner} FOR KEY SHARE), contact AS (
          INSERT INTO contacts
            (account_id, first_name, last_name, email, phone, company, title, birthday, notes, search_text)
          SELECT id, ${row.firstName}, ${row.lastName}, ${row.email}, ${row.phone}, ${row.company}, ${row.title},
            ${row.birthday}, ${row.notes}, ${row.searchText}
          FROM owner
          RETURNING *
        ), ${tellAddressBook(sql, "contact", "created")}
        SELECT ${columns} FROM contact`
    })

    // Who waited for another change to commit must not turn the time back: now() is when a transaction began.
    const updateRow = SqlSchema.findOne({
      Request: Schema.Struct({
        id: ContactId,
        accountId: AccountId,
        ...ContactFields.fields,
        searchText: Schema.String
      }),
      Result: ContactRow,
      execute: (row) => sql`
        WITH contact AS (
          UPDATE contacts SET ${sql.update(row, ["id", "accountId"])}, updated_at = greatest(now(), updated_at)
          WHERE id = ${row.id} AND account_id = ${row.accountId} RETURNING *
        ), ${tellAddressBook(sql, "contact", "updated")}
        SELECT ${columns} FROM contact`
    })

    const lockForDelete = SqlSchema.findOne({
      Request: OwnedContact,
      Result: Schema.Struct({ id: ContactId }),
      execute: ({ id, owner }) => sql`SELECT id FROM contacts WHERE id = ${id} AND account_id = ${owner} FOR UPDATE`
    })

    const deleted = insertNoteEvents(sql, routing, "rookery.notes.deleted")

    // Locked in the order of their ids, as whoever else locks several notes does it.
    const deleteNotes = (id: ContactId) => sql`
      WITH locked AS (
        SELECT id FROM notes WHERE contact_id = ${id} ORDER BY id FOR UPDATE
      ), note AS (
        DELETE FROM notes USING locked WHERE notes.id = locked.id
        RETURNING notes.id, contact_id, account_id, created_at, updated_at, gen_random_uuid() AS event_id
      )
      ${deleted}`

    const deleteRow = (id: ContactId) => sql`
      WITH contact AS (DELETE FROM contacts WHERE id = ${id} RETURNING id, account_id),
        ${tellAddressBook(sql, "contact", "deleted")}
      SELECT FROM contact`

    const findById = (owner: AccountId, id: ContactId) =>
      selectById(owner, id).pipe(
        Effect.orDie,
        Effect.flatMap(([row]) =>
          row === undefined ? Effect.fail(new ContactNotFound({ id })) : Effect.orDie(contactFrom(row))
        ),
        spanned("ContactRepository.findById")
      )

    const findByIdForUpdate = Effect.fn("ContactRepository.findByIdForUpdate")((owner: AccountId, id: ContactId) =>
      lockById({ owner, id }).pipe(
        Effect.map((row) => new Contact(row)),
        Effect.catchTags({
          NoSuchElementError: () => Effect.fail(new ContactNotFound({ id })),
          SchemaError: Effect.die,
          SqlError: Effect.die
        })
      )
    )

    const insert = Effect.fn("ContactRepository.insert")((owner: AccountId, fields: ContactFields) =>
      insertRow({ ...searchable(fields), owner }).pipe(
        Effect.map((row) => new Contact(row)),
        Effect.catchTags({
          NoSuchElementError: () => Effect.fail(new AccountNotFound({ id: owner })),
          SchemaError: Effect.die,
          SqlError: Effect.die
        })
      )
    )

    const save = Effect.fn("ContactRepository.save")((contact: Contact) =>
      updateRow(searchable(contact)).pipe(
        Effect.map((row) => new Contact(row)),
        Effect.catchTags({
          NoSuchElementError: () => Effect.fail(new ContactNotFound({ id: contact.id })),
          SchemaError: Effect.die,
          SqlError: Effect.die
        })
      )
    )

    // Notes that were being added are committed, or see no contact, once it is locked: only then are they looked for.
    const remove = Effect.fn("ContactRepository.delete")(
      function* (owner: AccountId, id: ContactId) {
        yield* lockForDelete({ owner, id })
        yield* deleteNotes(id)
        yield* deleteRow(id)
      },
      sql.withTransaction,
      (effect, _, id) =>
        Effect.catchTags(effect, {
          NoSuchElementError: () => Effect.fail(new ContactNotFound({ id })),
          SchemaError: Effect.die,
          SqlError: Effect.die
        })
    )

    return ContactRepository.of({
      findById,
      findJsonById: contactReads(sql),
      findByIdForUpdate,
      ...contactLists(sql),
      insert,
      save,
      delete: remove
    })
  })
)
