import { assert, describe } from "@effect/vitest"
import { Context, Deferred, Effect, Fiber, Layer, Option, Result, Stream } from "effect"
import { TestClock } from "effect/testing"
import { AddressBook, ContactChanged } from "../../../src/application/contacts/AddressBook.ts"
import { Notebook } from "../../../src/application/contacts/Notebook.ts"
import type { AccountNotFound } from "../../../src/domain/accounts/Account.ts"
import { Birthday } from "../../../src/domain/contacts/Birthday.ts"
import { type Contact, type ContactFields, ContactNotFound } from "../../../src/domain/contacts/Contact.ts"
import { ContactRepository } from "../../../src/domain/contacts/ContactRepository.ts"
import { FullName, joinName, rename } from "../../../src/domain/contacts/FullName.ts"
import { NoteBody } from "../../../src/domain/contacts/Note.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import { pageSize } from "../../../src/domain/shared/Listing.ts"
import { Transaction } from "../../../src/domain/shared/Transaction.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { ada, arrivals, someAccount, someContact } from "../../contracts/Fixtures.ts"
import { advance, test, testOn } from "../RookeryTest.ts"

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

/** As {@link Slow}, where nobody reads what somebody else may be changing. */
const Locked = Layer.effect(
  ContactRepository,
  ContactRepository.useSync((contacts) =>
    ContactRepository.of({ ...contacts, findById: () => Effect.die("read without a lock") })
  )
).pipe(Layer.provideMerge(Slow))

/** Takes its time to say that a contact was written. */
const Unhurried = Layer.effect(
  ContactRepository,
  ContactRepository.useSync((contacts) =>
    ContactRepository.of({
      ...contacts,
      insert: (owner, fields) => Effect.tap(contacts.insert(owner, fields), () => Effect.sleep("1 second"))
    })
  )
)

/** How often near birthdays were looked for. */
class CountedSearches extends Context.Service<CountedSearches, { times: number }>()("CountedSearches") {}

const Counting = Layer.effect(
  ContactRepository,
  Effect.gen(function* () {
    const [contacts, counted] = [yield* ContactRepository, yield* CountedSearches]
    return ContactRepository.of({
      ...contacts,
      listBornOn: (owner, days) =>
        Effect.suspend(() => {
          counted.times++
          return contacts.listBornOn(owner, days)
        })
    })
  })
)

const Counted = AddressBook.layer.pipe(
  Layer.provideMerge(Counting),
  Layer.provideMerge(Layer.sync(CountedSearches, () => ({ times: 0 }))),
  Layer.provideMerge(MemoryPorts)
)

const today = Birthday.make("2024-12-28")
const born = (day: string | null): ContactFields => ({ ...ada, birthday: day === null ? null : Birthday.make(day) })

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

  test(
    "gives a part of all contacts, or of those found",
    Effect.gen(function* () {
      const book = yield* AddressBook
      const { id: owner } = yield* someAccount
      const names = ["Ada", "Grace", "Adele", "Hedy", "Adam"]
      const all = yield* Effect.forEach(names, (firstName) => book.add(owner, { ...ada, firstName }))
      assert.deepStrictEqual(yield* book.page(owner, { skip: 1, limit: 2 }), { items: all.slice(1, 3), total: 5 })
      const found = yield* book.page(owner, { skip: 1, limit: 1, search: "AD" })
      assert.deepStrictEqual(found, { items: all.slice(2, 3), total: 3 })
    })
  )

  test(
    "tells of near birthdays, the nearest first",
    Effect.gen(function* () {
      const book = yield* AddressBook
      const { id: owner } = yield* someAccount
      const people = ["2000-01-04", "1990-12-31", "1815-12-28", "2000-01-05", null]
      const [four, three, zero] = yield* Effect.forEach(people, (day) => book.add(owner, born(day)))
      const near = yield* book.birthdays(owner, today)
      assert.deepStrictEqual(
        near.map(({ daysUntil, id }) => [id, daysUntil]),
        [
          [zero?.id, 0],
          [three?.id, 3],
          [four?.id, 7]
        ]
      )
      assert.deepStrictEqual<unknown>(Object.keys(near[0] ?? {}).toSorted(), [
        "birthday",
        "daysUntil",
        "firstName",
        "id",
        "lastName"
      ])
      const { id: stranger } = yield* someAccount
      assert.deepStrictEqual(yield* book.birthdays(stranger, today), [])
    })
  )

  testOn(Counted)(
    "finds near birthdays once an hour for each account and day",
    Effect.gen(function* () {
      const [book, counted] = [yield* AddressBook, yield* CountedSearches]
      const { id: owner } = yield* someAccount
      yield* book.add(owner, born("1990-12-31"))
      const tomorrow = Birthday.make("2024-12-29")
      for (const [minutes, day, times] of [
        [0, today, 1],
        [59, today, 1],
        [0, tomorrow, 2],
        [1, today, 3],
        [30, tomorrow, 3]
      ] as const) {
        yield* TestClock.adjust(`${minutes} minutes`)
        assert.lengthOf(yield* book.birthdays(owner, day), 1)
        assert.strictEqual(counted.times, times)
      }
    })
  )

  testOn(Counted)(
    "tells of every change that concerns birthdays at once, and looks nothing up anew for others",
    Effect.gen(function* () {
      const [book, counted] = [yield* AddressBook, yield* CountedSearches]
      const { id: owner } = yield* someAccount
      const names = Effect.map(book.birthdays(owner, today), (near) => near.map(({ firstName }) => firstName))
      const anew = Effect.fnUntraced(function* <A, E>(change: Effect.Effect<A, E>, expected: ReadonlyArray<string>) {
        const before = counted.times
        yield* change
        assert.deepStrictEqual(yield* names, expected)
        return counted.times > before
      })
      assert.deepStrictEqual(yield* names, [])
      const { id } = yield* book.add(owner, born("1990-12-31"))
      assert.deepStrictEqual(yield* names, ["Ada"])
      const day = Birthday.make("1990-12-30")
      const always = () => true
      assert.isTrue(
        yield* anew(
          book.update(owner, id, () => ({ firstName: "Grace" })),
          ["Grace"]
        )
      )
      assert.isTrue(
        yield* anew(
          book.update(owner, id, () => ({ lastName: "Hopper" })),
          ["Grace"]
        )
      )
      assert.isTrue(
        yield* anew(
          book.updateIf(owner, id, always, () => ({ birthday: null })),
          []
        )
      )
      assert.isTrue(
        yield* anew(
          book.updateIf(owner, id, always, () => ({ birthday: day })),
          ["Grace"]
        )
      )
      assert.isFalse(
        yield* anew(
          book.update(owner, id, () => ({ notes: "Compilers" })),
          ["Grace"]
        )
      )
      assert.isFalse(
        yield* anew(
          book.updateIf(owner, id, always, () => ({ birthday: day })),
          ["Grace"]
        )
      )
      assert.isFalse(yield* anew(book.add(owner, ada), ["Grace"]))
      const { id: other } = yield* book.add(owner, born("1990-12-31"))
      assert.isTrue(yield* anew(book.remove(owner, id), ["Ada"]))
      assert.isTrue(yield* anew(book.removeIf(owner, other, always), []))
    })
  )

  testOn(Counted)(
    "keeps nothing of birthdays that was found before a change was committed",
    Effect.gen(function* () {
      const book = yield* AddressBook
      const { atomic } = yield* Transaction
      const { id: owner } = yield* someAccount
      const names = Effect.map(book.birthdays(owner, today), (near) => near.map(({ firstName }) => firstName))
      // As where the answer to a request is kept together with what it has changed.
      const changed = yield* Deferred.make<void>()
      const looked = yield* Deferred.make<void>()
      const change = (what: Effect.Effect<unknown, AccountNotFound | ContactNotFound | ContactChanged>) =>
        what.pipe(Effect.andThen(Deferred.succeed(changed, undefined)), Effect.andThen(Deferred.await(looked)), atomic)
      const look = Deferred.await(changed).pipe(Effect.andThen(names), Effect.tap(Deferred.succeed(looked, undefined)))
      const [before] = yield* Effect.all([look, change(book.add(owner, born("1990-12-31")))], { concurrency: 2 })
      assert.deepStrictEqual(before, [])
      assert.deepStrictEqual(yield* names, ["Ada"])
    })
  )

  testOn(Layer.provideMerge(AddressBook.layer, Layer.provideMerge(Unhurried, MemoryPorts)))(
    "tells of a birthday that was added also where nobody waited for the end of it",
    Effect.gen(function* () {
      const book = yield* AddressBook
      const { id: owner } = yield* someAccount
      assert.deepStrictEqual(yield* book.birthdays(owner, today), [])
      const adding = yield* Effect.forkChild(book.add(owner, born("1990-12-31")), { startImmediately: true })
      yield* advance()
      assert.strictEqual((yield* book.page(owner, { skip: 0, limit: 1 })).total, 1)
      const interruption = yield* Effect.forkChild(Fiber.interrupt(adding), { startImmediately: true })
      yield* advance("1 second")
      yield* Fiber.join(interruption)
      assert.lengthOf(yield* book.birthdays(owner, today), 1)
    })
  )

  test(
    "changes and removes a contact only as it has to be, and locks it meanwhile",
    Effect.gen(function* () {
      const book = yield* AddressBook
      const { contact, owner } = yield* someContact
      const { id } = contact
      const isAda = ({ firstName }: Contact) => firstName === "Ada"
      const grace = () => ({ firstName: "Grace" })
      const changed = new ContactChanged({ id })
      const first = yield* book.updateIf(owner, id, isAda, grace)
      assert.deepStrictEqual({ ...first }, { ...contact, firstName: "Grace", updatedAt: first.updatedAt })
      assert.deepStrictEqual<unknown>(yield* Effect.flip(book.updateIf(owner, id, isAda, grace)), changed)
      assert.deepStrictEqual<unknown>(yield* Effect.flip(book.removeIf(owner, id, isAda)), changed)
      assert.deepStrictEqual(yield* book.get(owner, id), first)
      yield* book.removeIf(owner, id, (current) => !isAda(current))
      const missing = new ContactNotFound({ id })
      assert.deepStrictEqual<unknown>(yield* Effect.flip(book.updateIf(owner, id, isAda, grace)), missing)
      assert.deepStrictEqual<unknown>(yield* Effect.flip(book.removeIf(owner, id, isAda)), missing)
      const { contact: other } = yield* someContact
      const hidden = new ContactNotFound({ id: other.id })
      assert.deepStrictEqual<unknown>(yield* Effect.flip(book.updateIf(owner, other.id, isAda, grace)), hidden)
      assert.deepStrictEqual<unknown>(yield* Effect.flip(book.removeIf(owner, other.id, isAda)), hidden)
    })
  )

  testOn(Layer.provideMerge(AddressBook.layer, Layer.provideMerge(Locked, MemoryPorts)))(
    "lets one of many at once change what they all know, and one remove it",
    Effect.gen(function* () {
      const book = yield* AddressBook
      const { contact, owner } = yield* someContact
      const isKnown = ({ notes }: Contact) => notes === null
      const attempts = Array.from({ length: 20 }, (_, index) =>
        Effect.result(book.updateIf(owner, contact.id, isKnown, () => ({ notes: `${index}` })))
      )
      const results = yield* Effect.all(attempts, { concurrency: "unbounded" })
      assert.lengthOf(results.filter(Result.isSuccess), 1)
      const removals = Effect.replicateEffect(Effect.result(book.removeIf(owner, contact.id, () => true)), 5, {
        concurrency: "unbounded"
      })
      assert.lengthOf((yield* removals).filter(Result.isSuccess), 1)
    })
  )
})
