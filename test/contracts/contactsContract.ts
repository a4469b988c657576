import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer, Schema } from "effect"
import type { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import { Contact, ContactFields, ContactNotFound } from "../../src/domain/contacts/Contact.ts"
import { ContactRepository } from "../../src/domain/contacts/ContactRepository.ts"
import { EmailAddress } from "../../src/domain/shared/EmailAddress.ts"
import { PhoneNumber } from "../../src/domain/shared/PhoneNumber.ts"
import { Text } from "../../src/domain/shared/Text.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { ada, someAccount, someContact, unknownAccount } from "./Fixtures.ts"
import { textsOf } from "./Texts.ts"

const everyField: ContactFields = {
  firstName: " Ada ",
  lastName: "King ' \" \\ % _ Lovelace ",
  email: EmailAddress.make("Ada@Example.com"),
  phone: PhoneNumber.make("+4915112345678"),
  company: "Analytical Engines & Söhne 🜛",
  title: "",
  birthday: "1815-12-10",
  notes: "first\r\nsecond\t"
}

const { company, email, firstName, notes, phone } = ContactFields.fields

const anyFields = {
  firstName: textsOf(firstName),
  lastName: textsOf(Text(255)),
  title: textsOf(Text(255)),
  email,
  phone,
  // The birthday's own schema comes with the dialect that writes it.
  birthday: Schema.NullOr(Schema.Literals(["0001-01-01", "1815-12-10", "2024-02-29", "9999-12-31"])),
  company,
  notes
}

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

    it.effect("dies of a contact of nobody", () =>
      Effect.gen(function* () {
        const contacts = yield* ContactRepository
        const exit = yield* Effect.exit(contacts.insert(unknownAccount, ada))
        assert.strictEqual(exit._tag, "Failure")
        assert.deepStrictEqual(yield* contacts.listByOwner(unknownAccount, 0, 10), [])
      })
    )
  })
