import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer, Schema } from "effect"
import { SqlClient, Statement } from "effect/sql"
import { AccountId } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { SessionId } from "../../../src/domain/accounts/Session.ts"
import { SessionRepository } from "../../../src/domain/accounts/SessionRepository.ts"
import { ContactId } from "../../../src/domain/contacts/Contact.ts"
import { ContactRepository } from "../../../src/domain/contacts/ContactRepository.ts"
import { NoteBody, NoteId } from "../../../src/domain/contacts/Note.ts"
import { NoteRepository } from "../../../src/domain/contacts/NoteRepository.ts"
import { Outbox } from "../../../src/domain/events/Outbox.ts"
import { describeWith, postgresUrl } from "../../support/Services.ts"
import { serverDatabase } from "../../support/TestDatabase.ts"
import { repositoriesOn } from "./RepositoriesOn.ts"

/** Some 1000 accounts with 100 contacts each, notes, sessions, and 100,000 events that nobody fetched for a while. */
const fill = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO accounts (username, username_key, email, email_key, email_claimed_at, password_hash, created_at)
    SELECT 'u' || n, 'u' || n, 'u' || n || '@example.com', 'u' || n || '@example.com', now(), '$none$', now()
    FROM generate_series(1, 1000) AS n`
  yield* sql`INSERT INTO sessions (id, account_id, dialect, refresh_token_hash, created_at, expires_at, ended_at)
    SELECT gen_random_uuid(), 1 + n % 1000, 'classic', '\\x00', now(), now() + n * interval '1 minute',
      CASE WHEN n % 10 = 0 THEN now() - n * interval '1 minute' END
    FROM generate_series(1, 20000) AS n`
  yield* sql`INSERT INTO contacts (account_id, first_name) SELECT 1 + n % 1000, 'Ada' FROM generate_series(1, 100000) AS n`
  yield* sql`INSERT INTO notes (contact_id, account_id, body, event_id, processing_status)
    SELECT n, 1 + n % 1000, 'Hello', gen_random_uuid(), 'pending' FROM generate_series(1, 50000) AS n`
  yield* sql`INSERT INTO outbox (event_id, destination, type, subject, data, available_at, attempts)
    SELECT event_id, destination, 'rookery.notes.created', 'contacts/' || contact_id || '/notes/' || id,
      jsonb_build_object('id', id), now() - (50000 - id) * interval '1 millisecond', (id % 20 = 0)::integer
    FROM notes CROSS JOIN unnest(ARRAY['broker', 'upstream']) AS destination ORDER BY id`
  yield* sql`INSERT INTO outbox (event_id, destination, type, subject, data, died_at)
    SELECT gen_random_uuid(), 'upstream', 'rookery.notes.created', 'dead', '{"id": 1}', now() - n * interval '1 second'
    FROM generate_series(1, 5000) AS n`
  yield* sql`ANALYZE`
})

const Filled = Layer.provideMerge(Layer.effectDiscard(fill), serverDatabase())

interface Plan {
  readonly "Node Type": string
  readonly "Relation Name"?: string
  readonly Plans?: ReadonlyArray<Plan>
}
const Plan = Schema.Struct({
  "Node Type": Schema.String,
  "Relation Name": Schema.optionalKey(Schema.String),
  Plans: Schema.optionalKey(Schema.Array(Schema.suspend((): Schema.Codec<Plan> => Plan)))
})
const Explained = Schema.Tuple([Schema.Struct({ "QUERY PLAN": Schema.Tuple([Schema.Struct({ Plan })]) })])

const tablesRead = (plan: Plan): ReadonlyArray<string> => [
  ...(plan["Node Type"] === "Seq Scan" ? [plan["Relation Name"] ?? "?"] : []),
  ...(plan.Plans ?? []).flatMap(tablesRead)
]

/** The tables that are read from end to end by the statements of an effect, as the planner sees their parameters. */
const readWhole = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const whole: Array<string> = []
  const statements: Array<string> = []
  const explain: Statement.Transformer = (statement, sql) =>
    sql`EXPLAIN (FORMAT JSON) ${statement}`.pipe(
      Effect.provideService(Statement.CurrentTransformer, undefined),
      Effect.flatMap(Schema.decodeUnknownEffect(Explained)),
      Effect.tap(([row]) => {
        statements.push(statement.compile()[0])
        whole.push(...tablesRead(row["QUERY PLAN"][0].Plan))
        return Effect.void
      }),
      Effect.as(statement),
      Effect.orDie
    )
  yield* Effect.exit(Effect.provideService(effect, Statement.CurrentTransformer, explain))
  assert.isNotEmpty(statements)
  return whole
})

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

      it.effect("find accounts and sessions through an index", () =>
        Effect.gen(function* () {
          const [accounts, sessions] = [yield* AccountRepository, yield* SessionRepository]
          const extension = { id: sessionId, dialect: "classic", refreshTokenHash: new Uint8Array(32) } as const
          for (const use of [
            accounts.findCredentials("u77"),
            accounts.findCredentials("u77@example.com"),
            sessions.findActive(sessionId, now),
            sessions.extend({ ...extension, expiresAt: now, now }),
            sessions.end(sessionId, now),
            sessions.listEndedSince(DateTime.subtract(now, { seconds: 10 })),
            sessions.deleteEndedBefore(DateTime.subtract(now, { days: 14 }))
          ]) {
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
            contacts.findByIdForUpdate(owner, contactId),
            contacts.listByOwner(owner, 0, 500),
            contacts.listByOwner(owner, 50_000, 500),
            contacts.save(contact),
            notes.findById(owner, contactId, noteId),
            notes.listByContact(owner, contactId, 0, 500),
            notes.insert(owner, contactId, body),
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
        })
      )
    }
  )
})
