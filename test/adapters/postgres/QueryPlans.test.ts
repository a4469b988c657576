import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { AccountId, PasswordHash } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { Session, SessionId } from "../../../src/domain/accounts/Session.ts"
import { SessionRepository } from "../../../src/domain/accounts/SessionRepository.ts"
import { ContactId } from "../../../src/domain/contacts/Contact.ts"
import { ContactRepository } from "../../../src/domain/contacts/ContactRepository.ts"
import { NoteBody, NoteId } from "../../../src/domain/contacts/Note.ts"
import { NoteRepository } from "../../../src/domain/contacts/NoteRepository.ts"
import { Outbox } from "../../../src/domain/events/Outbox.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import { PhoneDigits } from "../../../src/domain/shared/PhoneNumber.ts"
import { describeWith, postgresUrl } from "../../support/Services.ts"
import { serverDatabase } from "../../support/TestDatabase.ts"
import { plansOf } from "./Plans.ts"
import { repositoriesOn } from "./RepositoriesOn.ts"

/**
 * Some 1000 accounts with 100 contacts each, notes, sessions, notifications, and 100,000 events that nobody fetched for a
 * while.
 */
const fill = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO accounts
      (username, username_key, email, email_key, email_claimed_at, pending_email, pending_email_key, password_hash, created_at)
    SELECT 'u' || n, 'u' || n, 'u' || n || '@example.com', 'u' || n || '@example.com', now(), pending, pending, '$none$', now()
    FROM generate_series(1, 1000) AS n CROSS JOIN LATERAL (
      VALUES (CASE WHEN n % 2 = 0 THEN 'p' || n || '@example.com' END)
    ) AS p (pending)`
  yield* sql`INSERT INTO sessions
      (id, account_id, dialect, refresh_token_hash, created_at, last_used_at, expires_at, ended_at)
    SELECT gen_random_uuid(), 1 + n % 1000, 'classic', '\\x00', now(), now(), now() + n * interval '1 minute',
      CASE WHEN n % 10 = 0 THEN now() - n * interval '1 minute' END
    FROM generate_series(1, 20000) AS n`
  yield* sql`INSERT INTO friendships (account_id, peer_id, stance, last_touch_at)
    SELECT one, other, 'asked', now() FROM generate_series(1, 1000) AS one, generate_series(1, 1000) AS other
    WHERE one <> other AND (one - other) % 50 = 0`
  yield* sql`INSERT INTO media (account_id, kind, content_type, blob_key, size, created_at)
    SELECT 1 + n % 1000, 'audio', 'audio/ogg', 'media/' || n, 1000, now() FROM generate_series(1, 20000) AS n`
  yield* sql`INSERT INTO messages (low_id, high_id, sender_id, kind, media_id, media_type, status, created_at)
    SELECT 1 + n % 950, 51 + n % 950, 1 + n % 950, 'audio', n, 'audio/ogg', 'seen', now()
    FROM generate_series(1, 20000) AS n`
  yield* sql`INSERT INTO contacts (account_id, first_name, birthday, search_text)
    SELECT 1 + n % 1000, 'Ada', date '1990-01-01' + n, 'ada' FROM generate_series(1, 100000) AS n`
  yield* sql`INSERT INTO notes (contact_id, account_id, body, event_id, processing_status)
    SELECT n, 1 + n % 1000, 'Hello', gen_random_uuid(), 'pending' FROM generate_series(1, 50000) AS n`
  yield* sql`INSERT INTO outbox (event_id, destination, type, subject, data, available_at, attempts)
    SELECT event_id, destination, 'rookery.notes.created', 'contacts/' || contact_id || '/notes/' || id,
      jsonb_build_object('id', id), now() - (50000 - id) * interval '1 millisecond', (id % 20 = 0)::integer
    FROM notes CROSS JOIN unnest(ARRAY['broker', 'upstream']) AS destination ORDER BY id`
  yield* sql`INSERT INTO outbox (event_id, destination, type, subject, data, died_at)
    SELECT gen_random_uuid(), 'upstream', 'rookery.notes.created', 'dead', '{"id": 1}', now() - n * interval '1 second'
    FROM generate_series(1, 5000) AS n`
  yield* sql`INSERT INTO notification_counters (account_id, newest_id, newest_at, oldest_id, address_book_since)
    SELECT id, 50, now(), 1, CASE WHEN id % 2 = 0 THEN now() END FROM accounts`
  yield* sql`INSERT INTO notifications (account_id, id, notification, created_at)
    SELECT account_id, n, '{"_tag": "ContactsUpdated"}', now() FROM notification_counters, generate_series(1, 50) AS n`
  yield* sql`ANALYZE`
})

const Filled = Layer.provideMerge(Layer.effectDiscard(fill), serverDatabase())

/** The tables that are read from end to end by the statements of an effect. */
const readWhole = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(plansOf(effect), (statements) =>
    statements.flatMap(({ steps }) =>
      steps.flatMap((step) => (step["Node Type"] === "Seq Scan" ? [step["Relation Name"] ?? "?"] : []))
    )
  )

describeWith(postgresUrl)("query plans", () => {
  layer(Layer.provideMerge(repositoriesOn(Filled)(true), Filled), { excludeTestServices: true, timeout: "60 seconds" })(
    "on a server",
    (it) => {
      const owner = AccountId.make(8)
      const contactId = ContactId.make(7007)
      const noteId = NoteId.make(7007)
      const sessionId = SessionId.make(crypto.randomUUID())
      const now = DateTime.makeUnsafe(Date.now())
      const lease = Duration.seconds(5)
      const ids = [1, 2, 3, 50_000, 100_001]

      it.effect("find accounts through an index", () =>
        Effect.gen(function* () {
          const accounts = yield* AccountRepository
          const account = yield* accounts.findById(owner)
          const email = EmailAddress.make("u77@example.com")
          const hash = PasswordHash.make("$none$")
          const uses: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
            accounts.findCredentials("u77"),
            accounts.findCredentials(email),
            accounts.findCredentialsById(owner),
            accounts.findById(owner),
            accounts.findByIdForUpdate(owner),
            accounts.findByIdForChange(owner),
            accounts.findByEmail(email),
            accounts.findHolderOfEmail(email, now),
            accounts.findByPhone(PhoneDigits.make("4915100000077")),
            accounts.savePhone(owner, PhoneDigits.make("4915100000077")),
            accounts.listByPendingEmail(EmailAddress.make("p78@example.com")),
            accounts.save(account, now),
            accounts.savePasswordHash(owner, hash, hash),
            accounts.releaseUnverifiedEmail(email, now),
            accounts.insert({ username: null, email, firstName: null, lastName: null, passwordHash: hash }, now),
            accounts.delete(AccountId.make(9))
          ]
          for (const use of uses) {
            assert.deepStrictEqual(yield* readWhole(use), [])
          }
        })
      )

      it.effect("find sessions through an index", () =>
        Effect.gen(function* () {
          const sessions = yield* SessionRepository
          const shown = { id: sessionId, dialect: "classic", refreshTokenHash: new Uint8Array(32) } as const
          const extension = { ...shown, expiresAt: now, now }
          const nextTokenHash = new Uint8Array(32)
          const times = { createdAt: now, lastUsedAt: now, expiresAt: DateTime.add(now, { days: 30 }) }
          const session = new Session({ id: sessionId, accountId: owner, dialect: "v1", userAgent: null, ...times })
          const uses: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
            sessions.findActive(sessionId, now),
            sessions.insert(session, nextTokenHash, PasswordHash.make("$none$")),
            sessions.findRefreshState(sessionId, now),
            sessions.extend(extension),
            sessions.rotate({ ...extension, generation: 0, nextTokenHash }),
            sessions.listActiveByAccount(owner, now),
            sessions.saveLastUses([{ id: sessionId, at: now }]),
            sessions.endByAccount(owner, sessionId, now),
            sessions.endAllByAccount(owner, now, sessionId),
            sessions.endAllByAccount(owner, now),
            sessions.end(sessionId, now),
            sessions.listEndedSince(DateTime.subtract(now, { seconds: 10 })),
            sessions.deleteEndedBefore(DateTime.subtract(now, { days: 14 }))
          ]
          for (const use of uses) {
            assert.deepStrictEqual(yield* readWhole(use), [])
          }
        })
      )

      it.effect("find contacts and notes through an index", () =>
        Effect.gen(function* () {
          const [contacts, notes] = [yield* ContactRepository, yield* NoteRepository]
          const contact = yield* contacts.findById(owner, contactId)
          const body = NoteBody.make("Hello")
          const uses: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
            contacts.findById(owner, contactId),
            contacts.findJsonById(owner, contactId, [["id", "id"]]),
            contacts.findByIdForUpdate(owner, contactId),
            contacts.listByOwner(owner, 0, 500),
            contacts.listByOwner(owner, 50_000, 500),
            contacts.page(owner, { skip: 20, limit: 20 }),
            contacts.page(owner, { skip: 20, limit: 20, search: "da" }),
            contacts.jsonPage(owner, { skip: 20, limit: 20 }, [["id", "id"]]),
            contacts.jsonPage(owner, { skip: 20, limit: 20, search: "da" }, [["id", "id"]]),
            contacts.listBornOn(owner, [1231, 101, 102]),
            contacts.save(contact),
            notes.findById(owner, contactId, noteId),
            notes.listByContact(owner, contactId, 0, 500),
            notes.page(owner, contactId, { skip: 20, limit: 20 }),
            notes.redeliver(owner, contactId, noteId),
            notes.insert(owner, contactId, body),
            Effect.all([notes.insert(owner, contactId, body), notes.insert(owner, contactId, body)], {
              concurrency: "unbounded"
            }),
            notes.saveBody(owner, contactId, noteId, body),
            notes.delete(owner, contactId, noteId),
            contacts.delete(owner, contactId)
          ]
          for (const use of uses) {
            assert.deepStrictEqual(yield* readWhole(use), [])
          }
        })
      )

      it.effect("find what is due in the outbox through an index", () =>
        Effect.gen(function* () {
          const outbox = yield* Outbox
          const claim = { destination: "broker", holder: "holder", limit: 256, lease } as const
          for (const use of [
            outbox.claim(claim),
            outbox.claim({ ...claim, destination: "upstream", limit: 128 }),
            outbox.claim({ ...claim, destination: "upstream", fresh: true }),
            outbox.claim({ ...claim, destination: "upstream", limit: 128, fresh: false }),
            outbox.renew("holder", ids, lease),
            outbox.release("holder", ids, lease),
            outbox.complete("holder", ids),
            outbox.reschedule("holder", 4, lease, "no"),
            outbox.bury("holder", 5, "no"),
            outbox.untilDue("broker"),
            outbox.untilDue("upstream"),
            outbox.listDead(100),
            outbox.redeliver(ids)
          ]) {
            assert.deepStrictEqual(yield* readWhole(use), [])
          }
        })
      )

      it.effect("look for the oldest change of a note one by one, where one note was changed all the time", () =>
        Effect.gen(function* () {
          const [outbox, sql] = [yield* Outbox, yield* SqlClient.SqlClient]
          yield* sql`TRUNCATE outbox`
          yield* sql`INSERT INTO outbox (event_id, destination, type, subject, data, available_at)
          SELECT gen_random_uuid(), 'upstream', 'rookery.notes.updated', 'contacts/1/notes/1', '{"id": 1}',
            now() - (20000 - n) * interval '1 millisecond'
          FROM generate_series(1, 20000) AS n`
          yield* sql`ANALYZE outbox`
          const claim = { destination: "upstream", holder: "holder", limit: 256, lease } as const
          assert.deepStrictEqual(yield* readWhole(outbox.claim(claim)), [])
          assert.deepStrictEqual(yield* readWhole(outbox.untilDue("upstream")), [])
          // A plan is kept, and made where the outbox is empty it would read all that is in it later, for each event.
          yield* sql`TRUNCATE outbox`
          yield* sql`VACUUM ANALYZE outbox`
          assert.deepStrictEqual(yield* readWhole(outbox.claim(claim)), [])
          assert.deepStrictEqual(yield* readWhole(outbox.untilDue("upstream")), [])
        })
      )
    }
  )
})
