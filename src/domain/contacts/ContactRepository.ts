import { Context, type Effect } from "effect"
import type { AccountId, AccountNotFound } from "../accounts/Account.ts"
import type { Page, PageRequest } from "../shared/Page.ts"
import type { Contact, ContactFields, ContactId, ContactNotFound } from "./Contact.ts"
import type { KnownBirthday } from "./UpcomingBirthday.ts"

export interface ContactPageRequest extends PageRequest {
  /**
   * Only those that have this in their first name, their last name or their address, whatever its case and however its
   * accents are composed. No character stands for another.
   */
  readonly search?: string | undefined
}

/** What of a contact may be shown, and the member of a JSON object that shows it: members in their order. */
export type ContactMembers = ReadonlyArray<readonly [member: string, field: Exclude<keyof Contact, "accountId">]>

/** A part of a list, as a JSON array. */
export interface JsonPage {
  readonly json: string
  /** Of the whole list. */
  readonly total: number
}

/** Only ever sees the owner's rows: another account's contact is not found. */
export class ContactRepository extends Context.Service<
  ContactRepository,
  {
    findById(owner: AccountId, id: ContactId): Effect.Effect<Contact, ContactNotFound>
    /** As {@link findById}, in JSON as {@link jsonPage} has it. */
    findJsonById(owner: AccountId, id: ContactId, members: ContactMembers): Effect.Effect<string, ContactNotFound>
    /** As {@link findById}, and nobody else changes it until the transaction ends. */
    findByIdForUpdate(owner: AccountId, id: ContactId): Effect.Effect<Contact, ContactNotFound>
    /** Those with an id above `after`, ordered by id, at most `limit`. */
    listByOwner(owner: AccountId, after: number, limit: number): Effect.Effect<ReadonlyArray<Contact>>
    /** A part of them, or of those found by a search, ordered by id. */
    page(owner: AccountId, request: ContactPageRequest): Effect.Effect<Page<Contact>>
    /**
     * As {@link page}, in JSON, which a store may render where the rows are: an object of these members for each contact,
     * times as `DateTime.formatIso` writes them. The names of the members are code, and nothing that a client sent.
     */
    jsonPage(owner: AccountId, request: ContactPageRequest, members: ContactMembers): Effect.Effect<JsonPage>
    /** Those born on one of these days of the year, each as `monthDay` has it, ordered by id. */
    listBornOn(owner: AccountId, monthDays: ReadonlyArray<number>): Effect.Effect<ReadonlyArray<KnownBirthday>>
    /** Fails where the account has been deleted meanwhile. */
    insert(owner: AccountId, fields: ContactFields): Effect.Effect<Contact, AccountNotFound>
    save(contact: Contact): Effect.Effect<Contact, ContactNotFound>
    /** Takes the contact's notes with it, and writes a `deleted` event for each of them. */
    delete(owner: AccountId, id: ContactId): Effect.Effect<void, ContactNotFound>
  }
>()("rookery/domain/contacts/ContactRepository") {}
