import { Effect, Exit } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import type { AccountId } from "../../../domain/accounts/Account.ts"
import { type ContactId, ContactNotFound } from "../../../domain/contacts/Contact.ts"
import type { Note, NoteBody } from "../../../domain/contacts/Note.ts"
import { destinations, type EventRouting } from "../../../domain/events/EventRouting.ts"
import { tellAddressBook } from "../AddressBookNotifications.ts"
import { fixedStatement } from "../FixedStatement.ts"
import { type Asked, gathered, inTransaction } from "../Gathering.ts"
import { int8Array } from "../Int8.ts"
import { insertNoteEvents, nowInMillis } from "../NoteEvents.ts"
import { noteFieldColumns, noteFrom, notesFrom } from "./NoteRows.ts"

/** How many notes one statement writes at most: 64 of the longest that go together are 2.6 MB at most. */
const mostTogether = 64

/** In UTF-16 code units. A longer note goes by itself, so that no statement grows large. */
const longestTogether = 10_000

interface InsertNote {
  readonly owner: AccountId
  readonly contactId: ContactId
  readonly body: NoteBody
}

type Entries = ReadonlyArray<Asked<InsertNote, Note | undefined, SqlError.SqlError>>

/** Whether the server has said that nothing was written. Of a connection that broke nobody knows. */
const isUndone = ({ reason }: SqlError.SqlError): boolean =>
  reason._tag !== "ConnectionError" && reason._tag !== "UnknownError"

/**
 * Adds notes, each with its event. Those that arrive in one turn of the event loop are written by one statement and one
 * commit, which is most of what a note costs. That statement waits for nobody: notes of contacts that somebody else has
 * locked, and of accounts whose clients are told of changes, which has to be done one after the other, are left out of it
 * and written by a statement each, as everything is within a transaction.
 */
export const noteInserts = (sql: SqlClient.SqlClient, routing: EventRouting["Service"]) => {
  const now = sql.literal(nowInMillis)
  const created = insertNoteEvents(sql, routing, "rookery.notes.created")
  const status = destinations(routing, "rookery.notes.created").includes("upstream") ? "pending" : "off"
  const fields = sql.literal(noteFieldColumns)

  // The lock is the one that the foreign key takes. Taken here, a contact that is being deleted is found missing.
  const insertOne = fixedStatement(
    sql,
    ["owner", "contactId", "body"],
    ({ body, contactId, owner }) => sql`
      WITH contact AS (
        SELECT id, account_id FROM contacts WHERE id = ${contactId} AND account_id = ${owner} FOR KEY SHARE
      ), note AS (
        INSERT INTO notes (contact_id, account_id, body, created_at, updated_at, event_id, processing_status)
        SELECT id, account_id, ${body}, ${now}, ${now}, gen_random_uuid(), ${status}
        FROM contact
        RETURNING *
      ), event AS (${created}), ${tellAddressBook(sql, "note", "created")}
      SELECT ${fields} FROM note`
  )

  const insertSome = fixedStatement<{ readonly n: number }, "owners" | "contactIds" | "bodies">(
    sql,
    ["owners", "contactIds", "bodies"],
    ({ bodies, contactIds, owners }) => sql`
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
      ), event AS (${created})
      SELECT n, ${fields} FROM note JOIN numbered USING (id)`
  )

  const one = (request: InsertNote) =>
    insertOne(request).pipe(
      Effect.flatMap(([row]) => (row === undefined ? Effect.undefined : Effect.orDie(noteFrom(row))))
    )

  const apart = (entries: Entries) =>
    Effect.forEach(
      entries,
      (entry) => Effect.flatMap(Effect.exit(one(entry.request)), (exit) => Effect.sync(() => entry.answer(exit))),
      {
        concurrency: "unbounded",
        discard: true
      }
    )

  const together = Effect.fnUntraced(function* (entries: Entries) {
    const rows = yield* insertSome({
      owners: int8Array(entries.map(({ request }) => request.owner)),
      contactIds: int8Array(entries.map(({ request }) => request.contactId)),
      bodies: entries.map(({ request }) => request.body)
    })
    const notes = yield* Effect.orDie(notesFrom(rows))
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
      const isAlone = inTransaction(sql, fiber) || body.length > longestTogether
      return isAlone ? one(request) : some(request)
    })

  return (owner: AccountId, contactId: ContactId, body: NoteBody): Effect.Effect<Note, ContactNotFound> =>
    Effect.flatMap(Effect.orDie(insert(owner, contactId, body)), (note) =>
      note === undefined ? Effect.fail(new ContactNotFound({ id: contactId })) : Effect.succeed(note)
    )
}
