import { Effect } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import type { Account, AccountId } from "../../../domain/accounts/Account.ts"
import type { EventRouting } from "../../../domain/events/EventRouting.ts"
import { emailKey } from "../../../domain/shared/EmailAddress.ts"
import { insertNoteEvents } from "../NoteEvents.ts"
import { talkDeletion } from "./TalkDeletion.ts"

/** Where an account is written to. */
type Addresses = Pick<Account, "email" | "phoneNumber">

/** Deletes an account with all that is its own, once `lock` has locked its row; the answer is that of `lock`. */
export const accountDeletion = (sql: SqlClient.SqlClient, routing: EventRouting["Service"]) => {
  const deleted = insertNoteEvents(sql, routing, "rookery.notes.deleted")
  const deleteTalk = talkDeletion(sql)

  // Before the notes are locked, as whoever sends dead letters again does it. All that is to go out to people is little
  // beside what else the outbox may hold, and has an index of its own.
  const deleteLetters = (id: AccountId, { email, phoneNumber }: Addresses) => {
    const isTheirs = sql`data ->> 'accountId' = ${String(id)}::text`
    const isTo = (to: string | null) => sql`lower(data ->> 'to' COLLATE "C") = ${to}::text`
    const emailOrNone = email === null ? null : emailKey(email)
    return sql`
      WITH locked AS (
        SELECT id FROM outbox WHERE destination IN ('mail', 'sms') AND (
          died_at IS NOT NULL AND (${isTheirs} OR ${isTo(emailOrNone)} OR ${isTo(phoneNumber)})
          OR type = 'rookery.mails.verification' AND ${isTheirs}
          OR type = 'rookery.mails.password_reset' AND ${isTo(emailOrNone)}
        )
        ORDER BY id FOR UPDATE
      )
      DELETE FROM outbox USING locked WHERE outbox.id = locked.id`
  }

  // Whoever deletes a contact locks it before its notes. In another order than that, the two would wait for each other.
  const lockContacts = (id: AccountId) => sql`WITH locked AS (
      SELECT id FROM contacts WHERE account_id = ${id} ORDER BY id FOR UPDATE
    ) SELECT count(*) FROM locked`

  // Both sides, in one order: two friends who leave at once would otherwise each wait for a side that the other has. From
  // then on neither touches their messages while the other does.
  const lockFriendships = (id: AccountId) => sql`WITH locked AS (
      SELECT FROM friendships WHERE account_id = ${id} OR peer_id = ${id} ORDER BY account_id, peer_id FOR UPDATE
    ) SELECT count(*) FROM locked`

  // Notes that were being added are committed, or see no contact, once it is locked: only then are they looked for.
  const deleteNotes = (id: AccountId) => sql`
    WITH locked AS (
      SELECT notes.id FROM contacts JOIN notes ON notes.contact_id = contacts.id WHERE contacts.account_id = ${id}
      ORDER BY notes.id FOR UPDATE OF notes
    ), note AS (
      DELETE FROM notes USING locked WHERE notes.id = locked.id
      RETURNING notes.id, contact_id, account_id, created_at, updated_at, gen_random_uuid() AS event_id
    )
    ${deleted}`

  return <A extends Addresses, E, R>(
    id: AccountId,
    lock: Effect.Effect<A, E, R>
  ): Effect.Effect<A, E | SqlError.SqlError, R> =>
    Effect.gen(function* () {
      const account = yield* lock
      yield* deleteLetters(id, account)
      yield* lockContacts(id)
      yield* deleteNotes(id)
      yield* lockFriendships(id)
      yield* deleteTalk(id)
      yield* sql`DELETE FROM accounts WHERE id = ${id}`
      return account
    }).pipe(sql.withTransaction)
}
