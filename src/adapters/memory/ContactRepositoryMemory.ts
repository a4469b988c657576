import { DateTime, Effect, HashMap, Layer, Option, Result } from "effect"
import { type AccountId, AccountNotFound } from "../../domain/accounts/Account.ts"
import { Contact, ContactId, ContactNotFound } from "../../domain/contacts/Contact.ts"
import { monthDay } from "../../domain/contacts/Birthday.ts"
import {
  type ContactMembers,
  type ContactPageRequest,
  ContactRepository
} from "../../domain/contacts/ContactRepository.ts"
import { EventRouting } from "../../domain/events/EventRouting.ts"
import { searchTerm, searchText } from "../../domain/shared/SearchText.ts"
import type { Change } from "../../domain/notifications/Notification.ts"
import { MemoryWorld } from "./MemoryWorld.ts"
import { withNoteEvent } from "./NoteEventsMemory.ts"
import { newEventId } from "./OutboxRowsMemory.ts"
import { withAddressBookChange } from "./NotificationLogMemory.ts"
import type { World } from "./World.ts"

const find = (world: World, owner: AccountId, id: ContactId): Result.Result<Contact, ContactNotFound> =>
  HashMap.get(world.contacts, id).pipe(
    Option.filter((contact) => contact.accountId === owner),
    Result.fromOption(() => new ContactNotFound({ id }))
  )

const withContact = (world: World, contact: Contact): World => ({
  ...world,
  contacts: HashMap.set(world.contacts, contact.id, contact)
})

const told = (world: World, { accountId, id }: Contact, change: Change, now: DateTime.Utc): World =>
  withAddressBookChange(world, accountId, { _tag: "ContactChanged", change, contactId: id }, now)

const ofOwner = ({ contacts }: World, owner: AccountId): ReadonlyArray<Contact> =>
  HashMap.toValues(contacts)
    .filter((contact) => contact.accountId === owner)
    .toSorted((one, other) => one.id - other.id)

const isFound = ({ email, firstName, lastName }: Contact, search: string): boolean =>
  searchText(firstName, lastName, email).includes(searchTerm(search))

const pageOf = (world: World, owner: AccountId, { limit, search = "", skip }: ContactPageRequest) => {
  const found = ofOwner(world, owner).filter((contact) => isFound(contact, search))
  return { items: found.slice(skip, skip + limit), total: found.length }
}

const shown = (contact: Contact, members: ContactMembers) =>
  Object.fromEntries(
    members.map(([member, field]) => {
      const value = contact[field]
      return [member, DateTime.isDateTime(value) ? DateTime.formatIso(value) : value]
    })
  )

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
      findJsonById: (owner, id, members) =>
        Effect.map(findById(owner, id), (contact) => JSON.stringify(shown(contact, members))),
      // Transactions run one at a time, so there is nobody to lock out.
      findByIdForUpdate: findById,

      listByOwner: (owner, after, limit) =>
        world.read((current) =>
          ofOwner(current, owner)
            .filter((contact) => contact.id > after)
            .slice(0, limit)
        ),

      page: (owner, request) => world.read((current) => pageOf(current, owner, request)),

      jsonPage: (owner, request, members) =>
        world.read((current) => {
          const { items, total } = pageOf(current, owner, request)
          return { json: JSON.stringify(items.map((contact) => shown(contact, members))), total }
        }),

      listBornOn: (owner, monthDays) =>
        world.read((current) =>
          ofOwner(current, owner).flatMap(({ birthday, firstName, id, lastName }) =>
            birthday !== null && monthDays.includes(monthDay(birthday)) ? [{ id, firstName, lastName, birthday }] : []
          )
        ),

      insert: (owner, fields) =>
        world.change((before, now) => {
          if (!HashMap.has(before.accounts, owner)) return Result.fail(new AccountNotFound({ id: owner }))
          const id = ContactId.make(world.nextId("contacts"))
          const contact = new Contact({ ...fields, id, accountId: owner, createdAt: now, updatedAt: now })
          return Result.succeed([contact, told(withContact(before, contact), contact, "created", now)])
        }),

      save: (contact) =>
        world.change((before, now) =>
          Result.map(find(before, contact.accountId, contact.id), ({ createdAt, updatedAt }) => {
            const saved = new Contact({ ...contact, createdAt, updatedAt: DateTime.max(now, updatedAt) })
            return [saved, told(withContact(before, saved), saved, "updated", now)]
          })
        ),

      delete: (owner, id) =>
        world.change((before, now) =>
          Result.map(find(before, owner, id), (contact) => {
            const notes = HashMap.toValues(before.notes)
              .flatMap(({ note }) => (note.contactId === id ? [note] : []))
              .toSorted((one, other) => one.id - other.id)
            const withEvents = notes.reduce(
              (after, note) =>
                withNoteEvent(world, routing, after, { id: newEventId(), type: "rookery.notes.deleted", note, now }),
              before
            )
            const removed = notes.map((note) => note.id)
            const after = {
              ...withEvents,
              notes: HashMap.removeMany(withEvents.notes, removed),
              contacts: HashMap.remove(withEvents.contacts, id)
            }
            return [undefined, told(after, contact, "deleted", now)]
          })
        )
    })
  })
)
