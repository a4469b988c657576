import { Duration, Effect, Exit } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import type { AccountId } from "../../../domain/accounts/Account.ts"
import { type ContactId, ContactNotFound } from "../../../domain/contacts/Contact.ts"
import type { Note, NoteBody } from "../../../domain/contacts/Note.ts"
import type { EventHandover, Handover } from "../../../domain/events/EventHandover.ts"
import { destinations, type EventRouting, noteDestinations } from "../../../domain/events/EventRouting.ts"
import { noteEventData, noteEventSubject } from "../../../domain/events/NoteEvent.ts"
import { type EventId, OutboxEntry } from "../../../domain/events/Outbox.ts"
import type { OutboxSignal } from "../../../domain/events/OutboxSignal.ts"
import type { Transaction } from "../../../domain/shared/Transaction.ts"
import { tellAddressBook } from "../AddressBookNotifications.ts"
import { fixedStatement } from "../FixedStatement.ts"
import { type Asked, gathered, inTransaction } from "../Gathering.ts"
import { int8Array } from "../Int8.ts"
import { insertNoteEvents, type LeasedTo, nowInMillis } from "../NoteEvents.ts"
import { trusting } from "../TrustedRows.ts"
import { noteFieldColumns, notesFrom } from "./NoteRows.ts"

/**
 * How many notes one statement writes at most: while it is committed, the next are read and others written. 16 of the longest
 * that go together are 0.7 MB at most.
 */
const mostTogether = 16

/** In UTF-16 code units. A longer note goes by itself, so that no statement grows large. */
const longestTogether = 10_000

interface InsertNote {
  readonly owner: AccountId
  readonly contactId: ContactId
  readonly body: NoteBody
}

interface InsertedRow {
  readonly eventId: EventId
  /** Of the event on its way to the event stream, in the outbox. */
  readonly outboxId: number
}

/** Who brings the events to where they go. */
export interface Relays {
  readonly handover: EventHandover["Service"]
  readonly signal: OutboxSignal["Service"]
  readonly afterCommit: Transaction["Service"]["afterCommit"]
}

type Entries = ReadonlyArray<Asked<InsertNote, Note | undefined, SqlError.SqlError>>

/** As a claim would find it that was the first to look. */
const entryOf = (note: Note, { eventId, outboxId }: InsertedRow) => {
  const type = "rookery.notes.created"
  const [subject, data] = [noteEventSubject(note), noteEventData(note, type)]
  const told = { eventId, destination: "broker", type, subject, data, occurredAt: note.createdAt } as const
  return new OutboxEntry({ ...told, id: outboxId, attempts: 1 }, trusting)
}

const parametersOf = (handover: Handover | undefined) => ({
  holder: handover?.holder ?? null,
  leaseMillis: handover === undefined ? 0 : Duration.toMillis(handover.lease)
})

/** Whether the server has said that nothing was written. Of a connection that broke nobody knows. */
const isUndone = ({ reason }: SqlError.SqlError): boolean =>
  reason._tag !== "ConnectionError" && reason._tag !== "UnknownError"

/**
 * Adds notes, each with its event. Those that arrive in one turn of the event loop are written by one statement and one
 * commit, which is most of what a note costs. That statement waits for nobody: notes of contacts that somebody else has
 * locked, and of accounts whose clients are told of changes, which has to be done one after the other, are left out of it
 * and written by a statement each, as everything is within a transaction.
 *
 * The events are handed to the relay of this instance, which is not woken for them, or wait for it to look.
 */
export const noteInserts = (
  sql: SqlClient.SqlClient,
  routing: EventRouting["Service"],
  { afterCommit, handover, signal }: Relays
) => {
  const now = sql.literal(nowInMillis)
  const [type, others] = ["rookery.notes.created", noteDestinations.filter((one) => one !== "broker")] as const
  const status = destinations(routing, type).includes("upstream") ? "pending" : "off"
  const fields = sql.literal(`${noteFieldColumns}, note.event_id AS "eventId", event.id AS "outboxId"`)
  const withEvent = sql.literal("event ON event.event_id = note.event_id AND event.destination = 'broker'")

  // The lock is the one that the foreign key takes. Taken here, a contact that is being deleted is found missing.
  const insertOne = fixedStatement<InsertedRow, "owner" | "contactId" | "body" | keyof LeasedTo>(
    sql,
    ["owner", "contactId", "body", "holder", "leaseMillis"],
    ({ body, contactId, owner, ...lease }) => sql`
      WITH contact AS (
        SELECT id, account_id FROM contacts WHERE id = ${contactId} AND account_id = ${owner} FOR KEY SHARE
      ), note AS (
        INSERT INTO notes (contact_id, account_id, body, created_at, updated_at, event_id, processing_status)
        SELECT id, account_id, ${body}, ${now}, ${now}, gen_random_uuid(), ${status}
        FROM contact
        RETURNING *
      ), event AS (${insertNoteEvents(sql, routing, type, lease)}), ${tellAddressBook(sql, "note", "created")}
      SELECT ${fields} FROM note JOIN ${withEvent}`
  )

  const insertSome = fixedStatement<
    InsertedRow & { readonly n: number },
    "owners" | "contactIds" | "bodies" | keyof LeasedTo
  >(
    sql,
    ["owners", "contactIds", "bodies", "holder", "leaseMillis"],
    ({ bodies, contactIds, owners, ...lease }) => sql`
      WITH wanted AS (
        SELECT * FROM unnest(${owners}::bigint[], ${contactIds}::bigint[], ${bodies}::text[])
          WITH ORDINALITY AS wanted (owner, contact_id, body, n)
      ), contact AS MATERIALIZED (
        SELECT id, account_id FROM contacts
        WHERE id = ANY(${contactIds}::bigint[]) AND (id, account_id) IN (SELECT contact_id, owner FROM wanted)
        FOR KEY SHARE SKIP LOCKED
      ), numbered AS MATERIALIZED (
        SELECT nextval('notes_id_seq') AS id, wanted.*
        FROM wanted JOIN contact ON contact.id = contact_id AND contact.account_id = owner
        WHERE NOT EXISTS (SELECT FROM notification_counters AS counters
          WHERE counters.account_id = owner AND address_book_since IS NOT NULL)
      ), note AS (
        INSERT INTO notes (id, contact_id, account_id, body, created_at, updated_at, event_id, processing_status)
        OVERRIDING SYSTEM VALUE
        SELECT id, contact_id, owner, body, ${now}, ${now}, gen_random_uuid(), ${status} FROM numbered ORDER BY n
        RETURNING *
      ), event AS (${insertNoteEvents(sql, routing, type, lease)})
      SELECT n, ${fields} FROM note JOIN numbered USING (id) JOIN ${withEvent}`
  )

  const brought = (notes: ReadonlyArray<Note>, rows: ReadonlyArray<InsertedRow>, handed: Handover | undefined) => {
    if (notes.length === 0) return Effect.void
    if (handed === undefined) return signal.notifyOf(noteDestinations)
    const entries = notes.flatMap((note, index) => {
      const row = rows[index]
      return row === undefined ? [] : [entryOf(note, row)]
    })
    return Effect.andThen(handed.hand(entries), signal.notifyOf(others))
  }

  const one = Effect.fnUntraced(function* (request: InsertNote, handed: Handover | undefined) {
    const rows = yield* insertOne({ ...request, ...parametersOf(handed) })
    const notes = yield* Effect.orDie(notesFrom(rows))
    yield* afterCommit(brought(notes, rows, handed))
    return notes[0]
  })

  const alone = (request: InsertNote) => Effect.flatMap(handover.begin, (handed) => one(request, handed))

  const apart = (entries: Entries) =>
    Effect.forEach(
      entries,
      (entry) => Effect.flatMap(Effect.exit(alone(entry.request)), (exit) => Effect.sync(() => entry.answer(exit))),
      {
        concurrency: "unbounded",
        discard: true
      }
    )

  const together = Effect.fnUntraced(function* (entries: Entries) {
    const handed = yield* handover.begin
    const rows = yield* insertSome({
      ...parametersOf(handed),
      owners: int8Array(entries.map(({ request }) => request.owner)),
      contactIds: int8Array(entries.map(({ request }) => request.contactId)),
      bodies: entries.map(({ request }) => request.body)
    })
    const notes = yield* Effect.orDie(notesFrom(rows))
    yield* brought(notes, rows, handed)
    const left = new Set(entries)
    rows.forEach(({ n }, index) => {
      const entry = entries[n - 1]
      if (entry === undefined) return
      left.delete(entry)
      entry.answer(Exit.succeed(notes[index]))
    })
    yield* apart([...left])
  })

  const some = gathered(mostTogether, (entries: Entries) =>
    entries.length === 1 ? apart(entries) : Effect.catchIf(together(entries), isUndone, () => apart(entries))
  )

  /** Nothing, where there is no such contact. */
  const insert = (owner: AccountId, contactId: ContactId, body: NoteBody) =>
    Effect.withFiber((fiber) => {
      const request = { owner, contactId, body }
      // What is not committed yet is for nobody to bring.
      if (inTransaction(sql, fiber)) return one(request, undefined)
      return body.length > longestTogether ? alone(request) : some(request)
    })

  return (owner: AccountId, contactId: ContactId, body: NoteBody): Effect.Effect<Note, ContactNotFound> =>
    Effect.flatMap(Effect.orDie(insert(owner, contactId, body)), (note) =>
      note === undefined ? Effect.fail(new ContactNotFound({ id: contactId })) : Effect.succeed(note)
    )
}
