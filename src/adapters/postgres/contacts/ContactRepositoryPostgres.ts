import { Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { AccountId } from "../../../domain/accounts/Account.ts"
import { Contact, ContactFields, ContactId, ContactNotFound } from "../../../domain/contacts/Contact.ts"
import { ContactRepository } from "../../../domain/contacts/ContactRepository.ts"
import { EventRouting } from "../../../domain/events/EventRouting.ts"
import { insertNoteEvents } from "./NoteEvents.ts"

// timestamptz arrives from the driver as a Date.
const ContactRow = Schema.Struct({
  ...Contact.fields,
  createdAt: Schema.DateTimeUtcFromDate,
  updatedAt: Schema.DateTimeUtcFromDate
})

const OwnedContact = Schema.Struct({ owner: AccountId, id: ContactId })

export const ContactRepositoryPostgres = Layer.effect(
  ContactRepository,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const routing = yield* EventRouting

    const columns = sql.literal(
      "id, account_id, first_name, last_name, email, phone, company, title, birthday, notes, created_at, updated_at"
    )

    const selectById = SqlSchema.findOne({
      Request: OwnedContact,
      Result: ContactRow,
      execute: ({ id, owner }) => sql`SELECT ${columns} FROM contacts WHERE id = ${id} AND account_id = ${owner}`
    })

    // Keeps writers out and, unlike FOR UPDATE, not those who add a note to the contact.
    const lockById = SqlSchema.findOne({
      Request: OwnedContact,
      Result: ContactRow,
      execute: ({ id, owner }) =>
        sql`SELECT ${columns} FROM contacts WHERE id = ${id} AND account_id = ${owner} FOR NO KEY UPDATE`
    })

    const selectByOwner = SqlSchema.findAll({
      Request: Schema.Struct({ owner: AccountId, after: Schema.Int, limit: Schema.Int }),
      Result: ContactRow,
      execute: ({ after, limit, owner }) => sql`SELECT ${columns} FROM contacts
        WHERE account_id = ${owner} AND id > ${after} ORDER BY id LIMIT ${limit}`
    })

    const insertRow = SqlSchema.findOne({
      Request: Schema.Struct({ accountId: AccountId, ...ContactFields.fields }),
      Result: ContactRow,
      execute: (row) => sql`INSERT INTO contacts ${sql.insert(row)} RETURNING ${columns}`
    })

    // Who waited for another change to commit must not turn the time back: now() is when a transaction began.
    const updateRow = SqlSchema.findOne({
      Request: Schema.Struct({ id: ContactId, accountId: AccountId, ...ContactFields.fields }),
      Result: ContactRow,
      execute: (row) => sql`UPDATE contacts
        SET ${sql.update(row, ["id", "accountId"])}, updated_at = greatest(now(), updated_at)
        WHERE id = ${row.id} AND account_id = ${row.accountId} RETURNING ${columns}`
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

    const findById = Effect.fn("ContactRepository.findById")((owner: AccountId, id: ContactId) =>
      selectById({ owner, id }).pipe(
        Effect.map((row) => new Contact(row)),
        Effect.catchTags({
          NoSuchElementError: () => Effect.fail(new ContactNotFound({ id })),
          SchemaError: Effect.die,
          SqlError: Effect.die
        })
      )
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

    const listByOwner = Effect.fn("ContactRepository.listByOwner")((owner: AccountId, after: number, limit: number) =>
      selectByOwner({ owner, after, limit }).pipe(
        Effect.map((rows) => rows.map((row) => new Contact(row))),
        Effect.orDie
      )
    )

    const insert = Effect.fn("ContactRepository.insert")((owner: AccountId, fields: ContactFields) =>
      insertRow({ ...fields, accountId: owner }).pipe(
        Effect.map((row) => new Contact(row)),
        Effect.orDie
      )
    )

    const save = Effect.fn("ContactRepository.save")((contact: Contact) =>
      updateRow(contact).pipe(
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
        yield* sql`DELETE FROM contacts WHERE id = ${id}`
      },
      sql.withTransaction,
      (effect, _, id) =>
        Effect.catchTags(effect, {
          NoSuchElementError: () => Effect.fail(new ContactNotFound({ id })),
          SchemaError: Effect.die,
          SqlError: Effect.die
        })
    )

    return ContactRepository.of({ findById, findByIdForUpdate, listByOwner, insert, save, delete: remove })
  })
)
