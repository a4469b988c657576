import { Context, type Effect } from "effect"
import type { AccountId } from "../accounts/Account.ts"
import type { Contact, ContactFields, ContactId, ContactNotFound } from "./Contact.ts"

/** Only ever sees the owner's rows: another account's contact is not found. */
export class ContactRepository extends Context.Service<
  ContactRepository,
  {
    findById(owner: AccountId, id: ContactId): Effect.Effect<Contact, ContactNotFound>
    /** As {@link findById}, and nobody else changes it until the transaction ends. */
    findByIdForUpdate(owner: AccountId, id: ContactId): Effect.Effect<Contact, ContactNotFound>
    /** Those with an id above `after`, ordered by id, at most `limit`. */
    listByOwner(owner: AccountId, after: number, limit: number): Effect.Effect<ReadonlyArray<Contact>>
    insert(owner: AccountId, fields: ContactFields): Effect.Effect<Contact>
    save(contact: Contact): Effect.Effect<Contact, ContactNotFound>
    /** Takes the contact's notes with it, and writes a `deleted` event for each of them. */
    delete(owner: AccountId, id: ContactId): Effect.Effect<void, ContactNotFound>
  }
>()("rookery/domain/contacts/ContactRepository") {}
