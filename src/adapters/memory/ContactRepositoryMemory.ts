import { DateTime, Effect, HashMap, Layer, Option, Result } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import { Contact, ContactId, ContactNotFound } from "../../domain/contacts/Contact.ts"
import { ContactRepository } from "../../domain/contacts/ContactRepository.ts"
import { EventRouting } from "../../domain/events/EventRouting.ts"
import { KeyViolation, MemoryWorld, type World } from "./MemoryWorld.ts"
import { newEventId, withNoteEvent } from "./NoteEventsMemory.ts"

const find = (world: World, owner: AccountId, id: ContactId): Result.Result<Contact, ContactNotFound> =>
  HashMap.get(world.contacts, id).pipe(
    Option.filter((contact) => contact.accountId === owner),
    Result.fromOption(() => new ContactNotFound({ id }))
  )

const withContact = (world: World, contact: Contact): World => ({
  ...world,
  contacts: HashMap.set(world.contacts, contact.id, contact)
})

export const ContactRepositoryMemory = Layer.effect(
  ContactRepository,
  Effect.gen(function* () {
    const world = yield* MemoryWorld
    const routing = yield* EventRouting

    const findById = (owner: AccountId, id: ContactId) =>
      Effect.flatMap(
        world.read((current) => find(current, owner, id)),
        Effect.fromResult
      )

    return ContactRepository.of({
      findById,
      // Transactions run one at a time, so there is nobody to lock out.
      findByIdForUpdate: findById,

      listByOwner: (owner, after, limit) =>
        world.read(({ contacts }) =>
          HashMap.toValues(contacts)
            .filter((contact) => contact.accountId === owner && contact.id > after)
            .toSorted((one, other) => one.id - other.id)
            .slice(0, limit)
        ),

      insert: (owner, fields) =>
        Effect.orDie(
          world.change((before, now) => {
            if (!HashMap.has(before.accounts, owner))
              return Result.fail(new KeyViolation({ key: "contacts.account_id" }))
            const id = ContactId.make(world.nextId("contacts"))
            const contact = new Contact({ ...fields, id, accountId: owner, createdAt: now, updatedAt: now })
            return Result.succeed([contact, withContact(before, contact)])
          })
        ),

      save: (contact) =>
        world.change((before, now) =>
          Result.map(find(before, contact.accountId, contact.id), ({ createdAt, updatedAt }) => {
            const saved = new Contact({ ...contact, createdAt, updatedAt: DateTime.max(now, updatedAt) })
            return [saved, withContact(before, saved)]
          })
        ),

      delete: (owner, id) =>
        world.change((before, now) =>
          Result.map(find(before, owner, id), () => {
            const notes = HashMap.toValues(before.notes)
              .flatMap(({ note }) => (note.contactId === id ? [note] : []))
              .toSorted((one, other) => one.id - other.id)
            const told = notes.reduce(
              (after, note) =>
                withNoteEvent(world, routing, after, { id: newEventId(), type: "rookery.notes.deleted", note, now }),
              before
            )
            const removed = notes.map((note) => note.id)
            return [
              undefined,
              {
                ...told,
                notes: HashMap.removeMany(told.notes, removed),
                contacts: HashMap.remove(told.contacts, id)
              }
            ]
          })
        )
    })
  })
)
