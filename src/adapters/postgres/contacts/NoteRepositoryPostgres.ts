import { Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { AccountId } from "../../../domain/accounts/Account.ts"
import { ContactId, ContactNotFound } from "../../../domain/contacts/Contact.ts"
import { Note, NoteBody, NoteId, NoteNotFound, Processing } from "../../../domain/contacts/Note.ts"
import { NoteRepository } from "../../../domain/contacts/NoteRepository.ts"
import { destinations, EventRouting } from "../../../domain/events/EventRouting.ts"
import type { NoteEventType } from "../../../domain/events/NoteEvent.ts"
import { insertNoteEvents, nowInMillis } from "./NoteEvents.ts"

// timestamptz arrives from the driver as a Date.
const NoteRow = Schema.Struct({
  id: NoteId,
  contactId: ContactId,
  accountId: AccountId,
  body: NoteBody,
  createdAt: Schema.DateTimeUtcFromDate,
  updatedAt: Schema.DateTimeUtcFromDate,
  processingStatus: Processing.fields.status,
  processingAttempts: Processing.fields.attempts,
  processingError: Processing.fields.lastError,
  processedAt: Schema.NullOr(Schema.DateTimeUtcFromDate)
})

/** The one row of a contact without notes. */
const NoNoteRow = Schema.Struct({ id: Schema.Null })

const fromRow = (row: typeof NoteRow.Type) => {
  const { processedAt, processingAttempts, processingError, processingStatus, ...note } = row
  return new Note({
    ...note,
    processing: { status: processingStatus, attempts: processingAttempts, lastError: processingError, processedAt }
  })
}

const OwnedContact = Schema.Struct({ owner: AccountId, contactId: ContactId })
const OwnedNote = Schema.Struct({ ...OwnedContact.fields, id: NoteId })

export const NoteRepositoryPostgres = Layer.effect(
  NoteRepository,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const routing = yield* EventRouting

    const processingStatus = (type: NoteEventType) =>
      destinations(routing, type).includes("upstream") ? "pending" : "off"
    const now = sql.literal(nowInMillis)
    const created = insertNoteEvents(sql, routing, "rookery.notes.created")
    const updated = insertNoteEvents(sql, routing, "rookery.notes.updated")
    const deleted = insertNoteEvents(sql, routing, "rookery.notes.deleted")

    const columns = sql.literal(`note.id, note.contact_id, note.account_id, note.body, note.created_at, note.updated_at,
      note.processing_status, note.processing_attempts, note.processing_error, note.processed_at`)

    const selectById = SqlSchema.findOne({
      Request: OwnedNote,
      Result: NoteRow,
      execute: ({ contactId, id, owner }) => sql`SELECT ${columns} FROM notes AS note
        WHERE id = ${id} AND contact_id = ${contactId} AND account_id = ${owner}`
    })

    const selectByContact = SqlSchema.findNonEmpty({
      Request: Schema.Struct({ ...OwnedContact.fields, after: Schema.Int, limit: Schema.Int }),
      Result: Schema.Union([NoteRow, NoNoteRow]),
      execute: ({ after, contactId, limit, owner }) => sql`SELECT ${columns}
        FROM contacts LEFT JOIN LATERAL (
          SELECT * FROM notes WHERE contact_id = contacts.id AND id > ${after} ORDER BY id LIMIT ${limit}
        ) AS note ON true
        WHERE contacts.id = ${contactId} AND contacts.account_id = ${owner}
        ORDER BY note.id`
    })

    // The lock is the one that the foreign key takes. Taken here, a contact that is being deleted is found missing.
    const insertRow = SqlSchema.findOne({
      Request: Schema.Struct({ ...OwnedContact.fields, body: NoteBody }),
      Result: NoteRow,
      execute: ({ body, contactId, owner }) => sql`
        WITH contact AS (
          SELECT id, account_id FROM contacts WHERE id = ${contactId} AND account_id = ${owner} FOR KEY SHARE
        ), note AS (
          INSERT INTO notes (contact_id, account_id, body, created_at, updated_at, event_id, processing_status)
          SELECT id, account_id, ${body}, ${now}, ${now}, gen_random_uuid(),
            ${processingStatus("rookery.notes.created")}
          FROM contact
          RETURNING *
        ), event AS (${created})
        SELECT ${columns} FROM note`
    })

    // Who waited for another change to commit must not turn the time back: now() is when a transaction began.
    const updateRow = SqlSchema.findOne({
      Request: Schema.Struct({ ...OwnedNote.fields, body: NoteBody }),
      Result: NoteRow,
      execute: ({ body, contactId, id, owner }) => sql`
        WITH note AS (
          UPDATE notes SET body = ${body}, updated_at = greatest(${now}, updated_at), event_id = gen_random_uuid(),
            processing_status = ${processingStatus("rookery.notes.updated")}, processing_attempts = 0,
            processing_error = NULL, processed_at = NULL
          WHERE id = ${id} AND contact_id = ${contactId} AND account_id = ${owner}
          RETURNING *
        ), event AS (${updated})
        SELECT ${columns} FROM note`
    })

    const deleteRow = SqlSchema.findOne({
      Request: OwnedNote,
      Result: Schema.Struct({ id: NoteId }),
      execute: ({ contactId, id, owner }) => sql`
        WITH note AS (
          DELETE FROM notes WHERE id = ${id} AND contact_id = ${contactId} AND account_id = ${owner}
          RETURNING id, contact_id, account_id, created_at, updated_at, gen_random_uuid() AS event_id
        ), event AS (${deleted})
        SELECT id FROM note`
    })

    const noteNotFound = (id: NoteId) => ({
      NoSuchElementError: () => Effect.fail(new NoteNotFound({ id })),
      SchemaError: Effect.die,
      SqlError: Effect.die
    })

    const contactNotFound = (id: ContactId) => ({
      NoSuchElementError: () => Effect.fail(new ContactNotFound({ id })),
      SchemaError: Effect.die,
      SqlError: Effect.die
    })

    const findById = Effect.fn("NoteRepository.findById")((owner: AccountId, contactId: ContactId, id: NoteId) =>
      selectById({ owner, contactId, id }).pipe(Effect.map(fromRow), Effect.catchTags(noteNotFound(id)))
    )

    const listByContact = Effect.fn("NoteRepository.listByContact")(
      (owner: AccountId, contactId: ContactId, after: number, limit: number) =>
        selectByContact({ owner, contactId, after, limit }).pipe(
          Effect.map((rows) => rows.flatMap((row) => (row.id === null ? [] : [fromRow(row)]))),
          Effect.catchTags(contactNotFound(contactId))
        )
    )

    const insert = Effect.fn("NoteRepository.insert")((owner: AccountId, contactId: ContactId, body: NoteBody) =>
      insertRow({ owner, contactId, body }).pipe(Effect.map(fromRow), Effect.catchTags(contactNotFound(contactId)))
    )

    const saveBody = Effect.fn("NoteRepository.saveBody")(
      (owner: AccountId, contactId: ContactId, id: NoteId, body: NoteBody) =>
        updateRow({ owner, contactId, id, body }).pipe(Effect.map(fromRow), Effect.catchTags(noteNotFound(id)))
    )

    const remove = Effect.fn("NoteRepository.delete")((owner: AccountId, contactId: ContactId, id: NoteId) =>
      deleteRow({ owner, contactId, id }).pipe(Effect.asVoid, Effect.catchTags(noteNotFound(id)))
    )

    return NoteRepository.of({ findById, listByContact, insert, saveBody, delete: remove })
  })
)
