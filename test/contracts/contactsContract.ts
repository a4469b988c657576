import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer, Result } from "effect"
import type { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import { Birthday, monthDay } from "../../src/domain/contacts/Birthday.ts"
import { Contact, ContactFields, ContactId, ContactNotFound } from "../../src/domain/contacts/Contact.ts"
import { AccountNotFound } from "../../src/domain/accounts/Account.ts"
import { type ContactMembers, ContactRepository } from "../../src/domain/contacts/ContactRepository.ts"
import { EmailAddress } from "../../src/domain/shared/EmailAddress.ts"
import { PhoneNumber } from "../../src/domain/shared/PhoneNumber.ts"
import { Text } from "../../src/domain/shared/Text.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { anyDay } from "./Days.ts"
import { ada, someAccount, someContact, unknownAccount } from "./Fixtures.ts"
import { textsOf } from "./Texts.ts"

const everyField: ContactFields = {
  firstName: " Ada ",
  lastName: "King ' \" \\ % _ Lovelace ",
  email: EmailAddress.make("Ada@Example.com"),
  phone: PhoneNumber.make("+4915112345678"),
  company: "Analytical Engines & Söhne 🜛",
  title: "",
  birthday: Birthday.make("1815-12-10"),
  notes: "first\r\nsecond\t"
}

const { company, email, firstName, notes, phone } = ContactFields.fields

const anyFields = {
  firstName: textsOf(firstName),
  lastName: textsOf(Text(255)),
  title: textsOf(Text(255)),
  email,
  phone,
  birthday: anyDay,
  company,
  notes
}

/** Letters that become two when they are folded, of five bytes, in an order that nothing compresses: as long as it gets. */
const sprawling = Array.from({ length: 255 }, (_, index) =>
  String.fromCodePoint(0x1f80 + Math.floor(48 * ((index * index * 0.618034) % 1)))
).join("")

const members: ContactMembers = [
  ["id", "id"],
  ["first_name", "firstName"],
  ["last", "lastName"],
  ["email", "email"],
  ["phone", "phone"],
  ["company", "company"],
  ["title", "title"],
  ["Birthday", "birthday"],
  ["notes", "notes"],
  ["created_at", "createdAt"],
  ["updated_at", "updatedAt"]
]

/** What `jsonPage` has to say of a contact. */
const shownBy = (contact: Contact): ReadonlyArray<readonly [string, unknown]> =>
  members.map(([member, field]) => {
    const value = contact[field]
    return [member, DateTime.isDateTime(value) ? DateTime.formatIso(value) : value]
  })

const entriesOf = (json: string): ReadonlyArray<ReadonlyArray<readonly [string, unknown]>> =>
  (JSON.parse(json) as ReadonlyArray<object>).map((item) => Object.entries(item))

/** Every ContactRepository must pass this, whatever it stores contacts in. */
export const contactsContract = <E>(
  name: string,
  adapter: Layer.Layer<AccountRepository | ContactRepository | Transaction, E>
) =>
  layer(adapter, { excludeTestServices: true })(`ContactRepository: ${name}`, (it) => {
    it.effect("returns what was inserted", () =>
      Effect.gen(function* () {
        const contacts = yield* ContactRepository
        const { id: owner } = yield* someAccount
        const contact = yield* contacts.insert(owner, everyField)
        assert.instanceOf(contact, Contact)
        const { createdAt, id, updatedAt } = contact
        assert.deepStrictEqual({ ...contact }, { id, accountId: owner, ...everyField, createdAt, updatedAt })
        assert.deepStrictEqual(createdAt, updatedAt)
        assert.isBelow(Math.abs(DateTime.toEpochMillis(createdAt) - Date.now()), 10_000)
        assert.deepStrictEqual(yield* contacts.findById(owner, id), contact)
        assert.deepStrictEqual(yield* contacts.findByIdForUpdate(owner, id), contact)
      })
    )

    it.effect.prop(
      "keeps every field to the letter",
      anyFields,
      (fields) =>
        Effect.gen(function* () {
          const contacts = yield* ContactRepository
          const { id: owner } = yield* someAccount
          const inserted = yield* contacts.insert(owner, fields)
          assert.deepStrictEqual({ ...inserted }, { ...inserted, ...fields })
          const other = yield* contacts.insert(owner, ada)
          const saved = yield* contacts.save(new Contact({ ...other, ...fields }))
          assert.deepStrictEqual({ ...saved }, { ...other, ...fields, updatedAt: saved.updatedAt })
          const { json } = yield* contacts.jsonPage(owner, { skip: 0, limit: 2 }, members)
          assert.deepStrictEqual(entriesOf(json), [shownBy(inserted), shownBy(saved)])
          // To the byte: the tag of a contact is that of its JSON, wherever that was written.
          const one = yield* contacts.findJsonById(owner, inserted.id, members)
          assert.strictEqual(one, JSON.stringify(Object.fromEntries(shownBy(inserted))))
        }),
      { arbitrary: { runs: 40 } }
    )

    it.effect("lists the owner's contacts by id, a page at a time", () =>
      Effect.gen(function* () {
        const contacts = yield* ContactRepository
        const [{ id: owner }, { id: other }] = [yield* someAccount, yield* someAccount]
        const mine: Array<Contact> = []
        for (const firstName of ["c", "a", "b", "d"]) {
          mine.push(yield* contacts.insert(owner, { ...ada, firstName }))
          yield* contacts.insert(other, ada)
        }
        assert.deepStrictEqual(yield* contacts.listByOwner(owner, 0, 100), mine)
        assert.deepStrictEqual(yield* contacts.listByOwner(owner, 0, 3), mine.slice(0, 3))
        assert.deepStrictEqual(yield* contacts.listByOwner(owner, mine[1]?.id ?? 0, 100), mine.slice(2))
        assert.deepStrictEqual(yield* contacts.listByOwner(owner, mine[3]?.id ?? 0, 100), [])
        assert.deepStrictEqual(yield* contacts.listByOwner((yield* someAccount).id, 0, 100), [])
      })
    )

    it.effect("writes any part of the owner's contacts as JSON, in the order of the members", () =>
      Effect.gen(function* () {
        const contacts = yield* ContactRepository
        const [{ id: owner }, { id: other }] = [yield* someAccount, yield* someAccount]
        for (const firstName of ["c", "a", "b", "d"]) {
          yield* contacts.insert(owner, { ...everyField, firstName })
          yield* contacts.insert(other, ada)
        }
        const requests = [
          ...[undefined, "", "lovelace", "nobody"].map((search) => ({ skip: 0, limit: 100, search })),
          { skip: 1, limit: 2 },
          { skip: 1, limit: 2, search: "LOVELACE" },
          { skip: 4, limit: 2 },
          { skip: Number.MAX_SAFE_INTEGER, limit: 2, search: "lovelace" }
        ]
        for (const request of requests) {
          const { items, total } = yield* contacts.page(owner, request)
          const page = yield* contacts.jsonPage(owner, request, members)
          assert.deepStrictEqual([entriesOf(page.json), page.total], [items.map(shownBy), total])
        }
        const { id: nobody } = yield* someAccount
        const none = yield* contacts.jsonPage(nobody, { skip: 0, limit: 20 }, members)
        assert.deepStrictEqual(none, { json: "[]", total: 0 })
      })
    )

    it.effect("writes many contacts as JSON at once, each for its owner alone", () =>
      Effect.gen(function* () {
        const contacts = yield* ContactRepository
        const [{ id: one }, { id: other }] = [yield* someAccount, yield* someAccount]
        const asked = yield* Effect.forEach(Array.from({ length: 150 }).keys(), (index) =>
          Effect.map(
            contacts.insert(index % 2 === 0 ? one : other, { ...everyField, firstName: `n${index}` }),
            (contact) => ({ contact, reader: index % 3 === 0 ? one : other })
          )
        )
        const missing = ContactId.make(2 ** 40)
        const read = yield* Effect.forEach(
          [...asked.map(({ contact, reader }) => [reader, contact.id] as const), [one, missing] as const],
          ([reader, id]) => Effect.result(contacts.findJsonById(reader, id, members)),
          { concurrency: "unbounded" }
        )
        const expected = asked.map(({ contact, reader }) =>
          contact.accountId === reader
            ? Result.succeed(JSON.stringify(Object.fromEntries(shownBy(contact))))
            : Result.fail(new ContactNotFound({ id: contact.id }))
        )
        assert.deepStrictEqual(read, [...expected, Result.fail(new ContactNotFound({ id: missing }))])
      })
    )

    it.effect("writes what a transaction has not committed yet as JSON for that transaction", () =>
      Effect.gen(function* () {
        const contacts = yield* ContactRepository
        const { atomic } = yield* Transaction
        const { id: owner } = yield* someAccount
        const within = Effect.gen(function* () {
          const contact = yield* contacts.insert(owner, everyField)
          const json = yield* contacts.findJsonById(owner, contact.id, members)
          assert.strictEqual(json, JSON.stringify(Object.fromEntries(shownBy(contact))))
        })
        yield* atomic(within)
      })
    )

    it.effect("gives any part of the owner's contacts, and how many there are", () =>
      Effect.gen(function* () {
        const contacts = yield* ContactRepository
        const [{ id: owner }, { id: other }] = [yield* someAccount, yield* someAccount]
        const mine: Array<Contact> = []
        for (const firstName of ["c", "a", "b", "d"]) {
          mine.push(yield* contacts.insert(owner, { ...everyField, firstName }))
          yield* contacts.insert(other, ada)
        }
        const page = (skip: number, limit: number, search?: string) => contacts.page(owner, { skip, limit, search })
        assert.deepStrictEqual(yield* page(0, 100), { items: mine, total: 4 })
        assert.deepStrictEqual(yield* page(0, 100, ""), { items: mine, total: 4 })
        assert.deepStrictEqual(yield* page(1, 2), { items: mine.slice(1, 3), total: 4 })
        assert.deepStrictEqual(yield* page(3, 2), { items: mine.slice(3), total: 4 })
        for (const skip of [4, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
          assert.deepStrictEqual(yield* page(skip, 100), { items: [], total: 4 })
          assert.deepStrictEqual(yield* page(skip, 100, "Lovelace"), { items: [], total: 4 })
        }
        assert.deepStrictEqual(yield* page(1, 2, "lovelace"), { items: mine.slice(1, 3), total: 4 })
        const { id: nobody } = yield* someAccount
        assert.deepStrictEqual(yield* contacts.page(nobody, { skip: 0, limit: 20 }), { items: [], total: 0 })
        const search = { skip: 0, limit: 20, search: "Ada" }
        assert.deepStrictEqual(yield* contacts.page(nobody, search), { items: [], total: 0 })
      })
    )

    it.effect(
      "finds a text anywhere in the names and the address, whatever its case, and each character for itself",
      () =>
        Effect.gen(function* () {
          const contacts = yield* ContactRepository
          const { id: owner } = yield* someAccount
          const add = (firstName: string, lastName: string | null = null, email: string | null = null) =>
            contacts.insert(owner, {
              ...everyField,
              firstName,
              lastName,
              email: email === null ? null : EmailAddress.make(email)
            })
          const names = [
            yield* add("Ada", "Lovelace", "countess@example.com"),
            yield* add("100%", "Under_score", "back.slash@example.com"),
            yield* add("C:\\Users", "%_\\"),
            yield* add("Weißmann", "İpek"),
            yield* add("Οδυσσεύς", "Andre\u0301"),
            yield* add("Ann", "Example"),
            yield* add(`${sprawling.slice(0, 254)}X`, sprawling, "needle.in.a.long.text@example.com")
          ].map((contact) => contact.firstName)
          const found = Effect.fnUntraced(function* (search: string) {
            const { items, total } = yield* contacts.page(owner, { skip: 0, limit: 100, search })
            assert.lengthOf(items, total)
            return items.map((contact) => names.indexOf(contact.firstName))
          })
          for (const [search, expected] of [
            ["ovelac", [0]],
            ["OVELAC", [0]],
            ["COUNTESS@", [0]],
            ["example", [0, 1, 5, 6]],
            ["%", [1, 2]],
            ["0%", [1]],
            ["_", [1, 2]],
            ["r_s", [1]],
            ["\\", [2]],
            [":\\u", [2]],
            ["%_\\", [2]],
            ["ßm", [3]],
            ["SSM", [3]],
            ["ẞM", [3]],
            ["ipek", [3]],
            ["IPEK", [3]],
            ["İPEK", [3]],
            ["ΟΔΥΣΣΕΎΣ", [4]],
            ["σευ\u0301σ", [4]],
            ["andr\u00e9", [4]],
            ["ANDRE\u0301", [4]],
            ["andre", []],
            ["needle", [6]],
            [`x${sprawling.slice(0, 1)}`, []],
            [sprawling, [6]],
            // Never across two fields, nor in any other field.
            ["a lov", []],
            ["adalov", []],
            ["ann\u0001ex", []],
            ["annex", []],
            ["\u0001", []],
            ["\u0000", []],
            ["engines", []],
            ["second", []],
            ["15112", []],
            ["'", []]
          ] as const) {
            assert.deepStrictEqual(yield* found(search), [...expected], JSON.stringify(search))
          }
        })
    )

    it.effect("finds a contact by what it says now", () =>
      Effect.gen(function* () {
        const contacts = yield* ContactRepository
        const { contact, owner } = yield* someContact
        const found = (search: string) =>
          Effect.map(contacts.page(owner, { skip: 0, limit: 9, search }), (_) => _.total)
        const email = EmailAddress.make("grace@example.com")
        yield* contacts.save(new Contact({ ...contact, firstName: "Grace", lastName: "Hopper", email }))
        assert.deepStrictEqual(yield* Effect.forEach(["ada", "grace", "hop", "e@ex"], found), [0, 1, 1, 1])
        yield* contacts.delete(owner, contact.id)
        assert.strictEqual(yield* found("grace"), 0)
      })
    )

    it.effect("lists the owner's contacts that were born on certain days of the year", () =>
      Effect.gen(function* () {
        const contacts = yield* ContactRepository
        const [{ id: owner }, { id: other }] = [yield* someAccount, yield* someAccount]
        const add = (who: typeof owner, birthday: string | null) =>
          contacts.insert(who, { ...everyField, birthday: birthday === null ? null : Birthday.make(birthday) })
        const days = ["2000-12-31", "2004-02-29", "1990-05-15", "0001-01-01", null, "9999-05-15", "1990-05-16"]
        const mine = yield* Effect.forEach(days, (day) => add(owner, day))
        yield* Effect.forEach(days, (day) => add(other, day))
        const born = Effect.fnUntraced(function* (...wanted: ReadonlyArray<string>) {
          return yield* contacts.listBornOn(
            owner,
            wanted.map((day) => monthDay(Birthday.make(day)))
          )
        })
        const known = (...indexes: ReadonlyArray<number>) =>
          indexes.map((index) => {
            const { birthday, firstName, id, lastName } = mine[index] ?? assert.fail()
            return { id, firstName, lastName, birthday }
          })
        assert.deepStrictEqual<unknown>(yield* born("2024-05-15"), known(2, 5))
        assert.deepStrictEqual<unknown>(yield* born("2024-02-29", "2024-12-31", "2024-01-01"), known(0, 1, 3))
        assert.deepStrictEqual<unknown>(yield* born("2024-02-28", "2024-03-01", "2024-12-30"), [])
        assert.deepStrictEqual<unknown>(yield* born(), [])
      })
    )

    it.effect("saves all fields and the time of the change", () =>
      Effect.gen(function* () {
        const contacts = yield* ContactRepository
        const { contact, owner } = yield* someContact
        yield* Effect.sleep("5 millis")
        const saved = yield* contacts.save(new Contact({ ...contact, ...everyField }))
        assert.deepStrictEqual({ ...saved }, { ...contact, ...everyField, updatedAt: saved.updatedAt })
        assert.isTrue(DateTime.isGreaterThan(saved.updatedAt, contact.updatedAt))
        assert.deepStrictEqual(yield* contacts.findById(owner, contact.id), saved)
        const cleared = yield* contacts.save(new Contact({ ...saved, ...ada }))
        assert.deepStrictEqual({ ...cleared }, { ...contact, updatedAt: cleared.updatedAt })
      })
    )

    it.effect("deletes a contact once", () =>
      Effect.gen(function* () {
        const contacts = yield* ContactRepository
        const { contact, owner } = yield* someContact
        const kept = yield* contacts.insert(owner, ada)
        yield* contacts.delete(owner, contact.id)
        const missing = new ContactNotFound({ id: contact.id })
        assert.deepStrictEqual(yield* Effect.flip(contacts.delete(owner, contact.id)), missing)
        assert.deepStrictEqual(yield* Effect.flip(contacts.findById(owner, contact.id)), missing)
        assert.deepStrictEqual(yield* Effect.flip(contacts.findByIdForUpdate(owner, contact.id)), missing)
        assert.deepStrictEqual(yield* Effect.flip(contacts.save(contact)), missing)
        assert.deepStrictEqual(yield* contacts.listByOwner(owner, 0, 100), [kept])
      })
    )

    it.effect("hides a contact from everybody but its owner", () =>
      Effect.gen(function* () {
        const contacts = yield* ContactRepository
        const { contact, owner } = yield* someContact
        const { id: stranger } = yield* someAccount
        const missing = new ContactNotFound({ id: contact.id })
        const stolen = new Contact({ ...contact, accountId: stranger, firstName: "Mallory" })
        assert.deepStrictEqual(yield* Effect.flip(contacts.findById(stranger, contact.id)), missing)
        assert.deepStrictEqual(yield* Effect.flip(contacts.findByIdForUpdate(stranger, contact.id)), missing)
        assert.deepStrictEqual(yield* Effect.flip(contacts.save(stolen)), missing)
        assert.deepStrictEqual(yield* Effect.flip(contacts.delete(stranger, contact.id)), missing)
        assert.deepStrictEqual(yield* contacts.listByOwner(stranger, 0, 100), [])
        assert.deepStrictEqual(yield* contacts.findById(owner, contact.id), contact)
      })
    )

    it.effect("loses no update that was made of what was locked", () =>
      Effect.gen(function* () {
        const contacts = yield* ContactRepository
        const { atomic } = yield* Transaction
        const { contact, owner } = yield* someContact
        const append = Effect.gen(function* () {
          const current = yield* contacts.findByIdForUpdate(owner, contact.id)
          yield* Effect.sleep("2 millis")
          return yield* contacts.save(new Contact({ ...current, notes: `${current.notes ?? ""}+` }))
        }).pipe(atomic)
        const saved = yield* Effect.all(
          Array.from({ length: 12 }, () => append),
          { concurrency: "unbounded" }
        )
        assert.strictEqual((yield* contacts.findById(owner, contact.id)).notes, "+".repeat(12))
        const inOrder = saved.toSorted((one, other) => (one.notes ?? "").length - (other.notes ?? "").length)
        const times = inOrder.map((one) => DateTime.toEpochMillis(one.updatedAt))
        assert.deepStrictEqual(
          times,
          times.toSorted((one, other) => one - other),
          "time went back"
        )
      })
    )

    it.effect("adds no contact for nobody", () =>
      Effect.gen(function* () {
        const contacts = yield* ContactRepository
        const error = yield* Effect.flip(contacts.insert(unknownAccount, ada))
        assert.deepStrictEqual(error, new AccountNotFound({ id: unknownAccount }))
        assert.deepStrictEqual(yield* contacts.listByOwner(unknownAccount, 0, 10), [])
      })
    )
  })
