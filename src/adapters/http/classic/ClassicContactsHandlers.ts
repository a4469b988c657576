import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { AddressBook } from "../../../application/contacts/AddressBook.ts"
import type { Contact, ContactFields } from "../../../domain/contacts/Contact.ts"
import { joinName, rename, splitName } from "../../../domain/contacts/FullName.ts"
import { CurrentSession } from "../Authorization.ts"
import { jsonArray } from "../JsonArray.ts"
import { ClassicApi } from "./ClassicApi.ts"
import { contactNotFound, invalidToken } from "./ClassicErrors.ts"
import type { ClassicContact, ContactChange, NewContact } from "./ClassicSchemas.ts"

const toWire = (contact: Contact): ClassicContact => ({
  id: contact.id,
  name: joinName(contact),
  email: contact.email,
  phone_number: contact.phone,
  user_id: contact.accountId
})

const newFields = ({ email, name, phone_number }: typeof NewContact.Type): ContactFields => ({
  ...splitName(name),
  email: email ?? null,
  phone: phone_number ?? null,
  company: null,
  title: null,
  birthday: null,
  notes: null
})

/** What the change names, in terms of the contact as it is. */
const apply =
  (change: ContactChange) =>
  (contact: Contact): Partial<ContactFields> => ({
    ...(change.name === undefined ? {} : rename(contact, change.name)),
    ...(change.email === undefined ? {} : { email: change.email }),
    ...(change.phone_number === undefined ? {} : { phone: change.phone_number })
  })

export const ClassicContactsHandlers = HttpApiBuilder.group(
  ClassicApi,
  "contacts",
  Effect.fn(function* (handlers) {
    const book = yield* AddressBook

    return handlers.handleAll({
      listContacts: () =>
        CurrentSession.use(({ accountId }) =>
          Effect.flatMap(book.list(accountId), (contacts) => jsonArray(contacts, toWire))
        ),
      createContact: ({ payload }) =>
        CurrentSession.use(({ accountId }) =>
          Effect.mapBoth(book.add(accountId, newFields(payload)), { onSuccess: toWire, onFailure: invalidToken })
        ),
      getContact: ({ params }) =>
        CurrentSession.use(({ accountId }) =>
          Effect.mapBoth(book.get(accountId, params.contact_id), { onSuccess: toWire, onFailure: contactNotFound })
        ),
      updateContact: ({ params, payload }) =>
        CurrentSession.use(({ accountId }) =>
          Effect.mapBoth(book.update(accountId, params.contact_id, apply(payload)), {
            onSuccess: toWire,
            onFailure: contactNotFound
          })
        ),
      deleteContact: ({ params }) =>
        CurrentSession.use(({ accountId }) =>
          Effect.mapBoth(book.remove(accountId, params.contact_id), {
            onSuccess: () => ({ message: "Contact deleted successfully" }),
            onFailure: contactNotFound
          })
        )
    })
  })
)
