import { Context, Effect, Layer, Schema } from "effect"
import type { AccountId, AccountNotFound } from "../../domain/accounts/Account.ts"
import { type Birthday, upcomingMonthDays } from "../../domain/contacts/Birthday.ts"
import { BirthdayCache } from "../../domain/contacts/BirthdayCache.ts"
import { Contact, type ContactFields, ContactId, type ContactNotFound } from "../../domain/contacts/Contact.ts"
import {
  type ContactMembers,
  type ContactPageRequest,
  ContactRepository,
  type JsonPage
} from "../../domain/contacts/ContactRepository.ts"
import { type UpcomingBirthday, upcomingBirthdays } from "../../domain/contacts/UpcomingBirthday.ts"
import { noteDestinations } from "../../domain/events/EventRouting.ts"
import { OutboxSignal } from "../../domain/events/OutboxSignal.ts"
import { Notifier } from "../../domain/notifications/Notifier.ts"
import { type Listing, listing } from "../../domain/shared/Listing.ts"
import type { Page } from "../../domain/shared/Page.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"

/** The contact is not as whoever wants to change it knows it. */
export class ContactChanged extends Schema.TaggedError<ContactChanged>()("ContactChanged", { id: ContactId }) {}

/** Whether who was told of birthdays before the change would be told something else now. */
const concernsBirthdays = (before: Contact, after: Contact): boolean =>
  before.birthday !== after.birthday ||
  (after.birthday !== null && (before.firstName !== after.firstName || before.lastName !== after.lastName))

export class AddressBook extends Context.Service<
  AddressBook,
  {
    add(owner: AccountId, fields: ContactFields): Effect.Effect<Contact, AccountNotFound>
    get(owner: AccountId, id: ContactId): Effect.Effect<Contact, ContactNotFound>
    /** As {@link get}, in JSON with these members. */
    getJson(owner: AccountId, id: ContactId, members: ContactMembers): Effect.Effect<string, ContactNotFound>
    /** All of the owner's contacts, ordered by id. */
    list(owner: AccountId): Effect.Effect<Listing<Contact>>
    /** A part of the owner's contacts, ordered by id; with `search` of those whose names or address contain it. */
    page(owner: AccountId, request: ContactPageRequest): Effect.Effect<Page<Contact>>
    /** As {@link page}, in JSON with these members. */
    jsonPage(owner: AccountId, request: ContactPageRequest, members: ContactMembers): Effect.Effect<JsonPage>
    /** Today's and those of the seven days after it, the nearest first, and by id on one day. */
    birthdays(owner: AccountId, today: Birthday): Effect.Effect<ReadonlyArray<UpcomingBirthday>>
    /** Changes what `change` makes of the contact as it is now; nobody else changes it meanwhile. */
    update(
      owner: AccountId,
      id: ContactId,
      change: (contact: Contact) => Partial<ContactFields>
    ): Effect.Effect<Contact, ContactNotFound>
    /** As {@link update}, where the contact as it is now is as it has to be. */
    updateIf(
      owner: AccountId,
      id: ContactId,
      isExpected: (contact: Contact) => boolean,
      change: (contact: Contact) => Partial<ContactFields>
    ): Effect.Effect<Contact, ContactNotFound | ContactChanged>
    /** The contact's notes go with it. */
    remove(owner: AccountId, id: ContactId): Effect.Effect<void, ContactNotFound>
    /** As {@link remove}, where the contact as it is now is as it has to be. */
    removeIf(
      owner: AccountId,
      id: ContactId,
      isExpected: (contact: Contact) => boolean
    ): Effect.Effect<void, ContactNotFound | ContactChanged>
  }
>()("rookery/application/contacts/AddressBook") {
  static readonly layer = Layer.effect(
    AddressBook,
    Effect.gen(function* () {
      const contacts = yield* ContactRepository
      const cache = yield* BirthdayCache
      const notifier = yield* Notifier
      const signal = yield* OutboxSignal
      const { afterCommit, atomic } = yield* Transaction

      // What has been sent is written, whoever waits for it: were it given up, nobody would know when to forget.
      const add = Effect.fn("AddressBook.add")(
        (owner: AccountId, fields: ContactFields) =>
          contacts
            .insert(owner, fields)
            .pipe(
              Effect.tap(fields.birthday === null ? Effect.void : afterCommit(cache.forget(owner))),
              Effect.tap(afterCommit(notifier.wake([owner])))
            ),
        Effect.uninterruptible
      )

      const birthdays = Effect.fn("AddressBook.birthdays")((owner: AccountId, today: Birthday) =>
        cache.lookup(
          owner,
          today,
          Effect.map(contacts.listBornOn(owner, upcomingMonthDays(today)), (known) => upcomingBirthdays(known, today))
        )
      )

      const expected = (owner: AccountId, id: ContactId, isExpected: (contact: Contact) => boolean) =>
        Effect.filterOrFail(contacts.findByIdForUpdate(owner, id), isExpected, () => new ContactChanged({ id }))

      const change = Effect.fn("AddressBook.change")(function* <E>(
        find: Effect.Effect<Contact, E>,
        fields: (contact: Contact) => Partial<ContactFields>
      ) {
        const before = yield* find
        const after = yield* contacts.save(new Contact({ ...before, ...fields(before) }))
        if (concernsBirthdays(before, after)) yield* afterCommit(cache.forget(before.accountId))
        yield* afterCommit(notifier.wake([before.accountId]))
        return after
      }, atomic)

      const remove = Effect.fn("AddressBook.remove")(
        (owner: AccountId, id: ContactId) =>
          Effect.andThen(
            contacts.delete(owner, id),
            afterCommit(
              Effect.all([signal.notifyOf(noteDestinations), cache.forget(owner), notifier.wake([owner])], {
                discard: true
              })
            )
          ),
        atomic
      )

      const removeIf = Effect.fn("AddressBook.removeIf")(
        (owner: AccountId, id: ContactId, isExpected: (contact: Contact) => boolean) =>
          Effect.andThen(expected(owner, id, isExpected), remove(owner, id)),
        atomic
      )

      return AddressBook.of({
        add,
        get: contacts.findById,
        getJson: contacts.findJsonById,
        list: (owner) => listing((after, limit) => contacts.listByOwner(owner, after, limit)),
        page: contacts.page,
        jsonPage: contacts.jsonPage,
        birthdays,
        update: (owner, id, fields) => change(contacts.findByIdForUpdate(owner, id), fields),
        updateIf: (owner, id, isExpected, fields) => change(expected(owner, id, isExpected), fields),
        remove,
        removeIf
      })
    })
  )
}
