import { assert, describe } from "@effect/vitest"
import { Effect, Layer, Option, Stream } from "effect"
import { AddressBook } from "../../../src/application/contacts/AddressBook.ts"
import { Notebook } from "../../../src/application/contacts/Notebook.ts"
import { ContactNotFound } from "../../../src/domain/contacts/Contact.ts"
import { ContactRepository } from "../../../src/domain/contacts/ContactRepository.ts"
import { FullName, joinName, rename } from "../../../src/domain/contacts/FullName.ts"
import { NoteBody } from "../../../src/domain/contacts/Note.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import { pageSize } from "../../../src/domain/shared/Listing.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { ada, arrivals, someAccount, someContact } from "../../contracts/Fixtures.ts"
import { test, testOn } from "../RookeryTest.ts"

/** Lets others run between reading a contact and writing it. */
const Slow = Layer.effect(
  ContactRepository,
  ContactRepository.useSync((contacts) =>
    ContactRepository.of({
      ...contacts,
      findByIdForUpdate: (owner, id) => Effect.tap(contacts.findByIdForUpdate(owner, id), Effect.yieldNow)
    })
  )
)

describe("AddressBook", () => {
  test(
    "changes what it is told to, of the contact as it is",
    Effect.gen(function* () {
      const book = yield* AddressBook
      const { contact, owner } = yield* someContact
      const email = EmailAddress.make("ada@example.com")
      const changed = yield* book.update(owner, contact.id, () => ({ email, lastName: "King" }))
      assert.deepStrictEqual({ ...changed }, { ...contact, email, lastName: "King", updatedAt: changed.updatedAt })
      assert.deepStrictEqual(yield* book.get(owner, contact.id), changed)
      const cleared = yield* book.update(owner, contact.id, () => ({ email: null }))
      assert.isNull(cleared.email)
      assert.strictEqual(cleared.lastName, "King")
    })
  )

  test(
    "keeps first and last name where a name is written that they make already",
    Effect.gen(function* () {
      const book = yield* AddressBook
      const { id: owner } = yield* someAccount
      const { id } = yield* book.add(owner, { ...ada, firstName: "Ada Augusta", lastName: "King of Lovelace" })
      const write = (name: string) => book.update(owner, id, (contact) => rename(contact, FullName.make(name)))
      const same = yield* write("Ada Augusta King of Lovelace")
      assert.deepStrictEqual([same.firstName, same.lastName], ["Ada Augusta", "King of Lovelace"])
      const other = yield* write("Ada Augusta King of  Lovelace")
      assert.deepStrictEqual([other.firstName, other.lastName], ["Ada", "Augusta King of  Lovelace"])
      const one = yield* write("Ada")
      assert.deepStrictEqual([one.firstName, one.lastName, joinName(one)], ["Ada", null, "Ada"])
    })
  )

  testOn(Layer.provideMerge(AddressBook.layer, Layer.provideMerge(Slow, MemoryPorts)))(
    "loses no change when many are made at once",
    Effect.gen(function* () {
      const book = yield* AddressBook
      const { contact, owner } = yield* someContact
      const append = book.update(owner, contact.id, ({ notes }) => ({ notes: `${notes ?? ""}+` }))
      yield* Effect.replicateEffect(append, 20, { concurrency: "unbounded", discard: true })
      assert.strictEqual((yield* book.get(owner, contact.id)).notes, "+".repeat(20))
    })
  )

  test(
    "changes nothing when the change can't be made",
    Effect.gen(function* () {
      const book = yield* AddressBook
      const { contact, owner } = yield* someContact
      const exit = yield* Effect.exit(
        book.update(owner, contact.id, () => {
          throw new Error("bug")
        })
      )
      assert.strictEqual(exit._tag, "Failure")
      assert.deepStrictEqual(yield* book.get(owner, contact.id), contact)
    })
  )

  test(
    "hides contacts from strangers",
    Effect.gen(function* () {
      const book = yield* AddressBook
      const { contact, owner } = yield* someContact
      const { id: stranger } = yield* someAccount
      const missing = new ContactNotFound({ id: contact.id })
      let seen = false
      const spy = () => {
        seen = true
        return {}
      }
      assert.deepStrictEqual(yield* Effect.flip(book.get(stranger, contact.id)), missing)
      assert.deepStrictEqual(yield* Effect.flip(book.update(stranger, contact.id, spy)), missing)
      assert.deepStrictEqual(yield* Effect.flip(book.remove(stranger, contact.id)), missing)
      assert.isFalse(seen)
      assert.deepStrictEqual((yield* book.list(stranger)).first, [])
      assert.deepStrictEqual(yield* book.get(owner, contact.id), contact)
    })
  )

  test(
    "lists all contacts, each once, whatever comes and goes meanwhile",
    Effect.gen(function* () {
      const book = yield* AddressBook
      const { id: owner } = yield* someAccount
      const count = 2 * pageSize + 7
      const all = yield* Effect.forEach(Array.from({ length: count }), () => book.add(owner, ada))
      const { first, rest } = yield* book.list(owner)
      assert.lengthOf(first, pageSize)
      yield* book.remove(owner, first[pageSize - 1]?.id ?? assert.fail())
      const added = yield* book.add(owner, ada)
      const pages = yield* Stream.runCollect(Option.getOrThrow(rest))
      assert.deepStrictEqual(
        [first, ...pages].flat().map((contact) => contact.id),
        [...all, added].map((contact) => contact.id)
      )
    })
  )

  test(
    "takes the notes of a contact with it, and tells of each",
    Effect.gen(function* () {
      const [book, notebook] = [yield* AddressBook, yield* Notebook]
      const { contact, owner } = yield* someContact
      yield* notebook.add(owner, contact.id, NoteBody.make("one"))
      yield* notebook.add(owner, contact.id, NoteBody.make("two"))
      yield* arrivals("broker")
      yield* book.remove(owner, contact.id)
      assert.strictEqual((yield* Effect.flip(notebook.list(owner, contact.id)))._tag, "ContactNotFound")
      assert.deepStrictEqual(
        (yield* arrivals("broker")).map((entry) => entry.type),
        ["rookery.notes.deleted", "rookery.notes.deleted"]
      )
    })
  )
})
