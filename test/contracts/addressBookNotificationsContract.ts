import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer } from "effect"
import { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import type { AccountId } from "../../src/domain/accounts/Account.ts"
import { Contact, ContactId } from "../../src/domain/contacts/Contact.ts"
import { ContactRepository } from "../../src/domain/contacts/ContactRepository.ts"
import { NoteBody } from "../../src/domain/contacts/Note.ts"
import { NoteRepository } from "../../src/domain/contacts/NoteRepository.ts"
import { mostKept, NotificationLog } from "../../src/domain/notifications/NotificationLog.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { ada, someAccount, unknownAccount } from "./Fixtures.ts"

const body = NoteBody.make("A note")

type Ports = AccountRepository | ContactRepository | NoteRepository | NotificationLog | Transaction

/** The repositories of contacts and notes, and the log of the same store: what either changes is kept in the other. */
export const addressBookNotificationsContract = <E>(name: string, adapter: Layer.Layer<Ports, E>) =>
  layer(adapter, { excludeTestServices: true })(`Changes of the address book: ${name}`, (it) => {
    /** What is kept of an account, without times. */
    const keptOf = Effect.fnUntraced(function* (account: AccountId) {
      const log = yield* NotificationLog
      const entries = yield* log.listAfter(account, 0, 10_000)
      return entries.map(({ id, notification }) => ({ id: Number(id), notification }))
    })

    /** An account that wants to be told. */
    const listening = Effect.gen(function* () {
      const { id } = yield* someAccount
      const log = yield* NotificationLog
      yield* log.keepAddressBook(id)
      return id
    })

    it.effect("are told one by one of notes that are added at once, to whoever wants to be told", () =>
      Effect.gen(function* () {
        const [contacts, notes] = [yield* ContactRepository, yield* NoteRepository]
        const [owner, { id: deaf }] = [yield* listening, yield* someAccount]
        const owners = [owner, deaf]
        const [heard, unheard] = yield* Effect.forEach(owners, (id) => contacts.insert(id, ada))
        const added = yield* Effect.forEach(
          Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? heard : unheard)),
          (contact) => notes.insert(contact?.accountId ?? assert.fail(), contact?.id ?? assert.fail(), body),
          { concurrency: "unbounded" }
        )
        const own = added.filter(({ accountId }) => accountId === owner).map(({ id }) => id)
        const [, ...kept] = yield* keptOf(owner)
        assert.deepStrictEqual(
          kept.map(({ id }) => id),
          Array.from({ length: 10 }, (_, index) => index + 2)
        )
        const told = kept.map(({ notification }) => (notification._tag === "NoteChanged" ? notification.noteId : 0))
        assert.sameMembers(told, own)
        assert.deepStrictEqual(yield* keptOf(deaf), [])
      })
    )

    it.effect("are kept in their order, from when somebody wanted to be told of them", () =>
      Effect.gen(function* () {
        const [contacts, notes] = [yield* ContactRepository, yield* NoteRepository]
        const owner = yield* listening
        assert.deepStrictEqual(yield* keptOf(owner), [])
        const contact = yield* contacts.insert(owner, ada)
        yield* contacts.save(new Contact({ ...contact, company: "Analytical Engines" }))
        const note = yield* notes.insert(owner, contact.id, body)
        yield* notes.saveBody(owner, contact.id, note.id, NoteBody.make("Another"))
        yield* notes.delete(owner, contact.id, note.id)
        yield* notes.insert(owner, contact.id, body)
        yield* contacts.delete(owner, contact.id)
        const [contactId, noteId] = [contact.id, note.id]
        const ofContact = (change: string) => ({ _tag: "ContactChanged", change, contactId })
        const ofNote = (change: string) => ({ _tag: "NoteChanged", change, contactId, noteId })
        const kept = yield* keptOf(owner)
        assert.deepInclude(kept[5]?.notification, { _tag: "NoteChanged", change: "created", contactId })
        assert.deepEqual(
          kept.filter((_, index) => index !== 5).map(({ id, notification }) => ({ id, ...notification })),
          [
            { id: 1, ...ofContact("created") },
            { id: 2, ...ofContact("updated") },
            { id: 3, ...ofNote("created") },
            { id: 4, ...ofNote("updated") },
            { id: 5, ...ofNote("deleted") },
            // With the notes that went with it.
            { id: 7, ...ofContact("deleted") }
          ] as ReadonlyArray<object>
        )
        assert.strictEqual((yield* NotificationLog.use((log) => log.newest([owner]))).get(owner), kept[6]?.id)
      })
    )

    it.effect("are kept for nobody else", () =>
      Effect.gen(function* () {
        const [contacts, notes, log] = [yield* ContactRepository, yield* NoteRepository, yield* NotificationLog]
        const { id: quiet } = yield* someAccount
        const { id: talking } = yield* someAccount
        yield* log.append([{ to: talking, notification: { _tag: "ContactsUpdated" } }])
        for (const owner of [quiet, talking]) {
          const contact = yield* contacts.insert(owner, ada)
          yield* contacts.save(contact)
          const note = yield* notes.insert(owner, contact.id, body)
          yield* notes.saveBody(owner, contact.id, note.id, body)
          yield* contacts.delete(owner, contact.id)
        }
        assert.deepStrictEqual(yield* keptOf(quiet), [])
        assert.lengthOf(yield* keptOf(talking), 1)
      })
    )

    it.effect("are kept beside what else there is to tell, and begin only once", () =>
      Effect.gen(function* () {
        const [contacts, log] = [yield* ContactRepository, yield* NotificationLog]
        const { id: owner } = yield* someAccount
        yield* log.append([{ to: owner, notification: { _tag: "ContactsUpdated" } }])
        const { begun, since } = yield* log.keepAddressBook(owner)
        assert.isTrue(begun)
        assert.isBelow(Math.abs(DateTime.toEpochMillis(since) - Date.now()), 10_000)
        yield* contacts.insert(owner, ada)
        assert.deepStrictEqual(yield* log.keepAddressBook(owner), { since, begun: false })
        yield* log.append([{ to: owner, notification: { _tag: "ContactsUpdated" } }])
        const kept = yield* keptOf(owner)
        assert.deepStrictEqual(
          kept.map(({ id, notification }) => `${id} ${notification._tag}`),
          ["1 ContactsUpdated", "2 ContactChanged", "3 ContactsUpdated"]
        )
        yield* log.keepAddressBook(unknownAccount)
        assert.isUndefined((yield* log.newest([unknownAccount])).get(unknownAccount))
      })
    )

    it.effect("go with a change that is rolled back, and are not made by one that failed", () =>
      Effect.gen(function* () {
        const [contacts, notes] = [yield* ContactRepository, yield* NoteRepository]
        const { atomic } = yield* Transaction
        const owner = yield* listening
        yield* Effect.exit(atomic(Effect.andThen(contacts.insert(owner, ada), Effect.fail("no"))))
        const missing = ContactId.make(2 ** 40)
        yield* Effect.exit(notes.insert(owner, missing, body))
        yield* Effect.exit(contacts.delete(owner, missing))
        const contact = yield* contacts.insert(yield* listening, ada)
        yield* Effect.exit(notes.insert(owner, contact.id, body))
        yield* Effect.exit(contacts.delete(owner, contact.id))
        assert.deepStrictEqual(yield* keptOf(owner), [])
      })
    )

    it.effect("push the oldest out, as everything else does", () =>
      Effect.gen(function* () {
        const [contacts, log] = [yield* ContactRepository, yield* NotificationLog]
        const owner = yield* listening
        const told = { to: owner, notification: { _tag: "ContactsUpdated" } } as const
        yield* log.append(Array.from({ length: mostKept - 1 }, () => told))
        const first = yield* DateTime.now
        yield* contacts.insert(owner, ada)
        assert.lengthOf(yield* keptOf(owner), mostKept)
        yield* contacts.insert(owner, ada)
        yield* contacts.insert(owner, ada)
        assert.strictEqual((yield* Effect.flip(keptOf(owner)))._tag, "LogTooOld")
        assert.strictEqual(
          (yield* Effect.flip(log.listSince(owner, DateTime.subtractDuration(first, "1 minute"), 1)))._tag,
          "LogTooOld"
        )
        const newest = (yield* log.newest([owner])).get(owner)
        assert.strictEqual(newest, mostKept + 2)
      })
    )

    it.effect("get ids without a gap and without a deadlock, however many come at once", () =>
      Effect.gen(function* () {
        const [contacts, notes, log] = [yield* ContactRepository, yield* NoteRepository, yield* NotificationLog]
        const owner = yield* listening
        const contact = yield* contacts.insert(owner, ada)
        const changes = Array.from({ length: 20 }, () => [
          Effect.asVoid(contacts.insert(owner, ada)),
          Effect.asVoid(contacts.save(contact)),
          Effect.asVoid(notes.insert(owner, contact.id, body)),
          log.append([{ to: owner, notification: { _tag: "ContactsUpdated" } }])
        ]).flat()
        yield* Effect.all(changes, { concurrency: "unbounded", discard: true })
        const kept = yield* keptOf(owner)
        assert.deepStrictEqual(
          kept.map(({ id }) => id),
          Array.from({ length: 81 }, (_, index) => index + 1)
        )
      })
    )

    it.effect("go with the account, whatever is changed meanwhile", () =>
      Effect.gen(function* () {
        const [accounts, contacts, notes] = [yield* AccountRepository, yield* ContactRepository, yield* NoteRepository]
        for (let round = 0; round < 10; round++) {
          const owner = yield* listening
          const contact = yield* contacts.insert(owner, ada)
          const attempts = yield* Effect.all(
            [
              Effect.exit(notes.insert(owner, contact.id, body)),
              Effect.exit(contacts.save(contact)),
              Effect.exit(accounts.delete(owner)),
              Effect.exit(contacts.save(contact)),
              Effect.exit(notes.insert(owner, contact.id, body))
            ],
            { concurrency: "unbounded" }
          )
          for (const exit of attempts) {
            if (exit._tag === "Failure") assert.notMatch(String(exit.cause), /Die/, "nobody waits for somebody else")
          }
          assert.deepStrictEqual(yield* keptOf(owner), [])
        }
      })
    )
  })
