import { DateTime } from "effect"
import { HttpServerResponse } from "effect/http"
import type { Contact, ContactFields } from "../../../domain/contacts/Contact.ts"
import type { ContactMembers, ContactPageRequest, JsonPage } from "../../../domain/contacts/ContactRepository.ts"
import type { UpcomingBirthday } from "../../../domain/contacts/UpcomingBirthday.ts"
import { entityTag } from "../EntityTag.ts"
import { pageLinks } from "../PageLinks.ts"
import type { PublicUrl } from "../PublicUrl.ts"
import type { ContactChange, NewContact, V1Birthday, V1Contact } from "./V1ContactSchemas.ts"

export const contactsPath = "/api/v1/contacts"

/** {@link toWire}, for a store that writes it itself. */
export const contactMembers: ContactMembers = [
  ["id", "id"],
  ["first_name", "firstName"],
  ["last_name", "lastName"],
  ["email", "email"],
  ["phone", "phone"],
  ["company", "company"],
  ["title", "title"],
  ["birthday", "birthday"],
  ["notes", "notes"],
  ["created_at", "createdAt"],
  ["updated_at", "updatedAt"]
]

export const toWire = (contact: Contact): V1Contact => ({
  id: contact.id,
  first_name: contact.firstName,
  last_name: contact.lastName,
  email: contact.email,
  phone: contact.phone,
  company: contact.company,
  title: contact.title,
  birthday: contact.birthday,
  notes: contact.notes,
  created_at: DateTime.formatIso(contact.createdAt),
  updated_at: DateTime.formatIso(contact.updatedAt)
})

export const toBirthday = (upcoming: UpcomingBirthday): V1Birthday => ({
  id: upcoming.id,
  first_name: upcoming.firstName,
  last_name: upcoming.lastName,
  birthday: upcoming.birthday,
  days_until: upcoming.daysUntil
})

const representation = (contact: Contact): string => JSON.stringify(toWire(contact))

/** What is asked of a contact by `If-Match` and `If-None-Match`: the tag of its bytes in this dialect. */
export const tagOf = (contact: Contact): string => entityTag(representation(contact))

/** The contact as an answer of its own, with its tag. */
export const answerWith = (contact: Contact, headers: Readonly<Record<string, string>> = {}, status = 200) =>
  answerOf(representation(contact), headers, status)

/** As {@link answerWith}, of the JSON of {@link contactMembers}. */
export const answerOf = (json: string, headers: Readonly<Record<string, string>> = {}, status = 200) =>
  HttpServerResponse.text(json, {
    status,
    contentType: "application/json",
    headers: { etag: entityTag(json), ...headers }
  })

/** A part of the owner's contacts, of those found by `search` where there is one, in the JSON of {@link contactMembers}. */
export const pageAnswer = (
  { json, total }: JsonPage,
  { search, ...request }: ContactPageRequest,
  publicUrl: PublicUrl["Service"]
) => {
  const link = pageLinks({ ...request, total, url: publicUrl.to(contactsPath), query: { search } })
  const headers = { "x-total-count": String(total), link }
  return HttpServerResponse.text(json, { contentType: "application/json", headers })
}

export const newFields = (contact: NewContact): ContactFields => ({
  firstName: contact.first_name,
  lastName: contact.last_name ?? null,
  email: contact.email ?? null,
  phone: contact.phone ?? null,
  company: contact.company ?? null,
  title: contact.title ?? null,
  birthday: contact.birthday ?? null,
  notes: contact.notes ?? null
})

/** What the change names. */
export const changedFields = (change: ContactChange): Partial<ContactFields> => ({
  ...(change.first_name === undefined ? {} : { firstName: change.first_name }),
  ...(change.last_name === undefined ? {} : { lastName: change.last_name }),
  ...(change.email === undefined ? {} : { email: change.email }),
  ...(change.phone === undefined ? {} : { phone: change.phone }),
  ...(change.company === undefined ? {} : { company: change.company }),
  ...(change.title === undefined ? {} : { title: change.title }),
  ...(change.birthday === undefined ? {} : { birthday: change.birthday }),
  ...(change.notes === undefined ? {} : { notes: change.notes })
})
