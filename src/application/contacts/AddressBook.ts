import { Context, Effect, Layer } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import { Contact, type ContactFields, type ContactId, type ContactNotFound } from "../../domain/contacts/Contact.ts"
import { ContactRepository } from "../../domain/contacts/ContactRepository.ts"
import { OutboxSignal } from "../../domain/events/OutboxSignal.ts"
import { type Listing, listing } from "../../domain/shared/Listing.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"

export class AddressBook extends Context.Service<
  AddressBook,
  {
    add(owner: AccountId, fields: ContactFields): Effect.Effect<Contact>
    get(owner: AccountId, id: ContactId): Effect.Effect<Contact, ContactNotFound>
    /** All of the owner's contacts, ordered by id. */
    list(owner: AccountId): Effect.Effect<Listing<Contact>>
    /** Changes what `change` makes of the contact as it is now; nobody else changes it meanwhile. */
    update(
      owner: AccountId,
      id: ContactId,
      change: (contact: Contact) => Partial<ContactFields>
    ): Effect.Effect<Contact, ContactNotFound>
    /** The contact's notes go with it. */
    remove(owner: AccountId, id: ContactId): Effect.Effect<void, ContactNotFound>
  }
>()("rookery/application/contacts/AddressBook") {
  static readonly layer = Layer.effect(
    AddressBook,
    Effect.gen(function* () {
      const contacts = yield* ContactRepository
      const signal = yield* OutboxSignal
      const transaction = yield* Transaction

      const update = Effect.fn("AddressBook.update")(function* (
        owner: AccountId,
        id: ContactId,
        change: (contact: Contact) => Partial<ContactFields>
      ) {
        const contact = yield* contacts.findByIdForUpdate(owner, id)
        return yield* contacts.save(new Contact({ ...contact, ...change(contact) }))
      }, transaction.atomic)

      const remove = Effect.fn("AddressBook.remove")((owner: AccountId, id: ContactId) =>
        Effect.andThen(contacts.delete(owner, id), signal.notify)
      )

      return AddressBook.of({
        add: contacts.insert,
        get: contacts.findById,
        list: (owner) => listing((after, limit) => contacts.listByOwner(owner, after, limit)),
        update,
        remove
      })
    })
  )
}
