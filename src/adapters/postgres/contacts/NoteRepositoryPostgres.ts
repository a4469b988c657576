import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { AccountId } from "../../../domain/accounts/Account.ts"
import { ContactId } from "../../../domain/contacts/Contact.ts"
import { NoteBody, NoteId, NoteNotDead, NoteNotFound } from "../../../domain/contacts/Note.ts"
import { NoteRepository } from "../../../domain/contacts/NoteRepository.ts"
import { EventHandover } from "../../../domain/events/EventHandover.ts"
import { destinations, EventRouting } from "../../../domain/events/EventRouting.ts"
import type { NoteEventType } from "../../../domain/events/NoteEvent.ts"
import { OutboxSignal } from "../../../domain/events/OutboxSignal.ts"
import { spanned } from "../../../domain/shared/Spanned.ts"
import { Transaction } from "../../../domain/shared/Transaction.ts"
import { tellAddressBook } from "../AddressBookNotifications.ts"
import { insertNoteEvents, nowInMillis } from "../NoteEvents.ts"
import { notePages } from "./NotePages.ts"
import { noteInserts } from "./NoteInserts.ts"
import { noteColumns, noteOf, NoteRow } from "./NoteRows.ts"

const OwnedContact = Schema.Struct({ owner: AccountId, contactId: ContactId })
const OwnedNote = Schema.Struct({ ...OwnedContact.fields, id: NoteId })

export const NoteRepositoryPostgres = Layer.effect(
  NoteRepository,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const routing = yield* EventRouting
    const handover = yield* EventHandover
    const signal = yield* OutboxSignal
    const { afterCommit } = yield* Transaction

    const processingStatus = (type: NoteEventType) =>
      destinations(routing, type).includes("upstream") ? "pending" : "off"
    const now = sql.literal(nowInMillis)
    const updated = insertNoteEvents(sql, routing, "rookery.notes.updated")
    const deleted = insertNoteEvents(sql, routing, "rookery.notes.deleted")

    const columns = sql.literal(noteColumns)

    const selectById = SqlSchema.findOne({
      Request: OwnedNote,
      Result: NoteRow,
      execute: ({ contactId, id, owner }) => sql`SELECT ${columns} FROM notes AS note
        WHERE id = ${id} AND contact_id = ${contactId} AND account_id = ${owner}`
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
        ), event AS (${updated}), ${tellAddressBook(sql, "note", "updated")}
        SELECT ${columns} FROM note`
    })

    // Locks what is in the outbox first and then the note, as the relay does it. Of two at once the second finds nothing
    // dead any more. Letters of earlier versions go with the latest one, in their order.
    const redeliverRow = SqlSchema.findOneOption({
      Request: OwnedNote,
      Result: NoteRow,
      execute: ({ contactId, id, owner }) => sql`
        WITH dead AS (
          SELECT id FROM outbox
          WHERE subject = ${`contacts/${contactId}/notes/${id}`} AND destination = 'upstream' AND died_at IS NOT NULL
            AND EXISTS (SELECT FROM notes WHERE id = ${id} AND contact_id = ${contactId} AND account_id = ${owner}
              AND processing_status = 'dead')
          ORDER BY id FOR UPDATE
        ), entry AS (
          UPDATE outbox SET died_at = NULL, available_at = ${now}, attempts = 0, last_error = NULL
          FROM dead WHERE outbox.id = dead.id RETURNING outbox.event_id
        )
        UPDATE notes AS note SET processing_status = 'pending', processing_attempts = 0, processing_error = NULL,
          processed_at = NULL
        FROM (
          SELECT notes.id, notes.event_id FROM notes JOIN entry USING (event_id) WHERE notes.id = ${id}
          FOR UPDATE OF notes
        ) AS latest
        WHERE note.id = latest.id AND note.event_id = latest.event_id
        RETURNING ${columns}`
    })

    const deleteRow = SqlSchema.findOne({
      Request: OwnedNote,
      Result: Schema.Struct({ id: NoteId }),
      execute: ({ contactId, id, owner }) => sql`
        WITH note AS (
          DELETE FROM notes WHERE id = ${id} AND contact_id = ${contactId} AND account_id = ${owner}
          RETURNING id, contact_id, account_id, created_at, updated_at, gen_random_uuid() AS event_id
        ), event AS (${deleted}), ${tellAddressBook(sql, "note", "deleted")}
        SELECT id FROM note`
    })

    const noteNotFound = (id: NoteId) => ({
      NoSuchElementError: () => Effect.fail(new NoteNotFound({ id })),
      SchemaError: Effect.die,
      SqlError: Effect.die
    })

    const findById = Effect.fn("NoteRepository.findById")((owner: AccountId, contactId: ContactId, id: NoteId) =>
      selectById({ owner, contactId, id }).pipe(Effect.map(noteOf), Effect.catchTags(noteNotFound(id)))
    )

    const insertNote = noteInserts(sql, routing, { handover, signal, afterCommit })
    const insert = (owner: AccountId, contactId: ContactId, body: NoteBody) =>
      spanned("NoteRepository.insert")(insertNote(owner, contactId, body))

    const saveBody = Effect.fn("NoteRepository.saveBody")(
      (owner: AccountId, contactId: ContactId, id: NoteId, body: NoteBody) =>
        updateRow({ owner, contactId, id, body }).pipe(Effect.map(noteOf), Effect.catchTags(noteNotFound(id)))
    )

    const redeliver = Effect.fn("NoteRepository.redeliver")(function* (
      owner: AccountId,
      contactId: ContactId,
      id: NoteId
    ) {
      const row = yield* Effect.orDie(redeliverRow({ owner, contactId, id }))
      if (Option.isSome(row)) return noteOf(row.value)
      const { processing } = yield* findById(owner, contactId, id)
      return yield* new NoteNotDead({ id, status: processing.status })
    })

    const remove = Effect.fn("NoteRepository.delete")((owner: AccountId, contactId: ContactId, id: NoteId) =>
      deleteRow({ owner, contactId, id }).pipe(Effect.asVoid, Effect.catchTags(noteNotFound(id)))
    )

    return NoteRepository.of({ ...notePages(sql), findById, insert, saveBody, redeliver, delete: remove })
  })
)
