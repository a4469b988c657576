import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, type Layer, Option } from "effect"
import { type AccountId, AccountNotFound, PasswordHash } from "../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import { Session, SessionId } from "../../src/domain/accounts/Session.ts"
import { SessionRepository } from "../../src/domain/accounts/SessionRepository.ts"
import type { ContactId } from "../../src/domain/contacts/Contact.ts"
import { ContactRepository } from "../../src/domain/contacts/ContactRepository.ts"
import { NoteBody } from "../../src/domain/contacts/Note.ts"
import { NoteRepository } from "../../src/domain/contacts/NoteRepository.ts"
import type { Outbox } from "../../src/domain/events/Outbox.ts"
import { NotificationLog } from "../../src/domain/notifications/NotificationLog.ts"
import { EmailAddress } from "../../src/domain/shared/EmailAddress.ts"
import { IdempotencyKey, IdempotencyKeys } from "../../src/domain/shared/IdempotencyKeys.ts"
import { outcome } from "./AtOnce.ts"
import { ada, arrivals, someAccount, someContact, someUsername, unknownAccount } from "./Fixtures.ts"

type Ports =
  | AccountRepository
  | SessionRepository
  | ContactRepository
  | NoteRepository
  | Outbox
  | IdempotencyKeys
  | NotificationLog

const hello = NoteBody.make("Hello")

/** What every AccountRepository must make of a deletion, together with the repositories of what is an account's own. */
export const accountDeletionContract = <E>(name: string, adapter: Layer.Layer<Ports, E>) =>
  layer(adapter, { excludeTestServices: true })(`AccountRepository, deletion: ${name}`, (it) => {
    const remove = (id: AccountId) => AccountRepository.use((accounts) => accounts.delete(id))
    const addNote = (owner: AccountId, contact: ContactId) =>
      NoteRepository.use((notes) => notes.insert(owner, contact, hello))
    const openSession = Effect.fnUntraced(function* (accountId: AccountId) {
      const createdAt = yield* DateTime.now
      const expiresAt = DateTime.addDuration(createdAt, Duration.hours(1))
      const id = SessionId.make(crypto.randomUUID())
      const times = { createdAt, lastUsedAt: createdAt, expiresAt }
      yield* SessionRepository.use((sessions) =>
        sessions.insert(new Session({ id, accountId, dialect: "v1", userAgent: null, ...times }), null)
      )
      return id
    })
    /** What was told of the owner's notes since this was asked last. */
    const told = (owner: AccountId) =>
      Effect.map(arrivals("broker"), (entries) =>
        entries.flatMap(({ data, subject, type }) =>
          typeof data === "object" && data !== null && "user_id" in data && data["user_id"] === owner
            ? [`${type.replace("rookery.notes.", "")} ${subject}`]
            : []
        )
      )

    it.effect("answers the account as it was, whose name and address are free then", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const names = { username: someUsername(), email: EmailAddress.make(`${crypto.randomUUID()}@example.com`) }
        const rest = { firstName: "Ada", lastName: null, passwordHash: PasswordHash.make("$none$") }
        const now = yield* DateTime.now
        const account = yield* accounts.insert({ ...names, ...rest }, now)
        assert.deepStrictEqual(yield* remove(account.id), account)
        const notFound = new AccountNotFound({ id: account.id })
        assert.deepStrictEqual(yield* Effect.flip(accounts.findById(account.id)), notFound)
        assert.deepStrictEqual(yield* Effect.flip(remove(account.id)), notFound)
        assert.isTrue(Option.isNone(yield* accounts.findCredentials(names.email)))
        const next = yield* accounts.insert({ ...names, ...rest }, now)
        assert.notStrictEqual(next.id, account.id)
      })
    )

    it.effect("takes sessions, contacts and notes along, and tells of each note", () =>
      Effect.gen(function* () {
        const [contacts, notes, sessions] = [yield* ContactRepository, yield* NoteRepository, yield* SessionRepository]
        const { contact, owner } = yield* someContact
        const another = yield* contacts.insert(owner, ada)
        const added = yield* Effect.forEach([another.id, contact.id, another.id], (id) => addNote(owner, id))
        const session = yield* openSession(owner)
        yield* told(owner)
        yield* remove(owner)
        assert.sameMembers(
          yield* told(owner),
          added.map((note) => `deleted contacts/${note.contactId}/notes/${note.id}`)
        )
        const now = yield* DateTime.now
        assert.strictEqual((yield* Effect.flip(sessions.findActive(session, now)))._tag, "SessionEnded")
        assert.strictEqual((yield* Effect.flip(contacts.findById(owner, contact.id)))._tag, "ContactNotFound")
        assert.deepStrictEqual(yield* contacts.listByOwner(owner, 0, 10), [])
        for (const note of added) {
          const error = yield* Effect.flip(notes.findById(owner, note.contactId, note.id))
          assert.strictEqual(error._tag, "NoteNotFound")
        }
      })
    )

    it.effect("takes the answers along that were kept", () =>
      Effect.gen(function* () {
        const keys = yield* IdempotencyKeys
        const { id: owner } = yield* someAccount
        const request = { owner, key: IdempotencyKey.make("key"), fingerprint: new Uint8Array([1]) }
        const holder = crypto.randomUUID()
        const begin = Effect.flatMap(DateTime.now, (now) => keys.begin(request, holder, Duration.minutes(1), now))
        yield* begin
        yield* keys.complete(request, holder, { status: 201, headers: {}, body: "secret" })
        yield* remove(owner)
        assert.strictEqual((yield* Effect.exit(begin))._tag, "Failure")
      })
    )

    it.effect("leaves everybody else alone", () =>
      Effect.gen(function* () {
        const [accounts, contacts, notes] = [yield* AccountRepository, yield* ContactRepository, yield* NoteRepository]
        const { contact, owner } = yield* someContact
        const note = yield* addNote(owner, contact.id)
        const session = yield* openSession(owner)
        yield* remove((yield* someContact).owner)
        assert.strictEqual((yield* Effect.flip(remove(unknownAccount)))._tag, "AccountNotFound")
        assert.strictEqual((yield* accounts.findById(owner)).id, owner)
        assert.deepStrictEqual(yield* contacts.findById(owner, contact.id), contact)
        assert.deepStrictEqual(yield* notes.findById(owner, contact.id, note.id), note)
        const sessions = yield* SessionRepository
        assert.strictEqual((yield* sessions.findActive(session, yield* DateTime.now)).accountId, owner)
      })
    )

    it.effect("deletes an account once, however many ask at once", () =>
      Effect.gen(function* () {
        const { contact, owner } = yield* someContact
        yield* addNote(owner, contact.id)
        yield* told(owner)
        const attempts = Array.from({ length: 6 }, () => Effect.isSuccess(remove(owner)))
        const done = yield* Effect.all(attempts, { concurrency: "unbounded" })
        assert.lengthOf(
          done.filter((success) => success),
          1
        )
        assert.lengthOf(yield* told(owner), 1)
      })
    )

    it.effect("opens no session beside a deletion that outlives it", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        for (let round = 0; round < 5; round++) {
          const { id } = yield* someAccount
          const opening = Array.from({ length: 6 }, () => Effect.option(openSession(id)))
          const [opened] = yield* Effect.all([Effect.all(opening, { concurrency: "unbounded" }), remove(id)], {
            concurrency: "unbounded"
          })
          const now = yield* DateTime.now
          for (const session of opened.flatMap(Option.toArray)) {
            assert.strictEqual((yield* Effect.flip(sessions.findActive(session, now)))._tag, "SessionEnded")
          }
        }
      })
    )

    it.effect("adds contacts beside a deletion that it takes along, or tells that the account is gone", () =>
      Effect.gen(function* () {
        const [contacts, keys, log] = [yield* ContactRepository, yield* IdempotencyKeys, yield* NotificationLog]
        for (let round = 0; round < 15; round++) {
          const { contact, owner } = yield* someContact
          // Who is told of changes has a row that each change locks.
          yield* log.keepAddressBook(owner)
          const now = yield* DateTime.now
          const begin = (key: string) =>
            keys.begin(
              { owner, key: IdempotencyKey.make(key), fingerprint: new Uint8Array([1]) },
              crypto.randomUUID(),
              Duration.minutes(1),
              now
            )
          const others = (name: string) => [
            outcome(contacts.insert(owner, ada)),
            outcome(contacts.save(contact)),
            outcome(addNote(owner, contact.id)),
            outcome(begin(name))
          ]
          const outcomes = yield* Effect.all([...others("one"), outcome(remove(owner)), ...others("two")], {
            concurrency: "unbounded"
          })
          for (const one of outcomes) assert.oneOf(one, ["done", "AccountNotFound", "ContactNotFound"])
          assert.strictEqual(outcomes[4], "done")
          assert.deepStrictEqual(yield* contacts.listByOwner(owner, 0, 10), [])
          assert.strictEqual(yield* outcome(contacts.insert(owner, ada)), "AccountNotFound")
          assert.strictEqual(yield* outcome(begin("three")), "AccountNotFound")
        }
      })
    )

    it.effect("tells of every note that others add or delete beside it, and waits for nobody for good", () =>
      Effect.gen(function* () {
        const contacts = yield* ContactRepository
        for (let round = 0; round < 5; round++) {
          const { contact, owner } = yield* someContact
          const more = yield* Effect.replicateEffect(contacts.insert(owner, ada), 5)
          const ids = [contact, ...more].map(({ id }) => id)
          yield* Effect.forEach(ids, (id) => Effect.replicateEffect(addNote(owner, id), 3))
          const others = ids.flatMap((id) => [
            Effect.ignore(addNote(owner, id)),
            Effect.ignore(contacts.delete(owner, id)),
            Effect.ignore(addNote(owner, id))
          ])
          yield* Effect.all([...others.slice(0, 9), Effect.asVoid(remove(owner)), ...others.slice(9)], {
            concurrency: "unbounded",
            discard: true
          })
          const all = yield* told(owner)
          const about = (type: string) =>
            all.flatMap((event) => (event.startsWith(`${type} `) ? [event.slice(type.length)] : []))
          assert.isAtLeast(all.length, 36)
          assert.sameMembers(about("deleted"), about("created"))
        }
      })
    )
  })
