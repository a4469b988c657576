import { operation } from "./V1Docs.ts"

const notFound = "Contact not found"
const malformedEmail = "email must be an e-mail address such as ada@example.com"
const malformedId = "contact_id must be a positive integer"
const malformedTag = "The If-Match header must be a list of entity tags, or *"
const changed = "The contact has changed since it was read"

const conditions = "`If-Match` with the `ETag` that was read makes sure that nobody else has changed it meanwhile."

/** What the document says of each operation of the address book. */
export const operations = {
  searchContacts: operation({
    id: "searchContacts",
    summary: "List contacts, a part at a time",
    description:
      "Ordered by id. `search` finds its text anywhere in first name, last name or e-mail address, without regard to case.",
    errors: { 422: "limit must be a whole number from 1 to 100" }
  }),
  addContact: operation({
    id: "addContact",
    summary: "Add a contact",
    description:
      "Only `first_name` is required. With an `Idempotency-Key` it is added once, however often the request is sent.",
    errors: { 409: "A request with this Idempotency-Key is being answered right now", 422: "first_name is required" }
  }),
  listBirthdays: operation({
    id: "listBirthdays",
    summary: "List the birthdays of the next seven days",
    description:
      "Today's and those up to seven days ahead, the nearest first. 29 February is kept on the 28th in common years.",
    errors: { 422: "tz must be an IANA time zone such as Europe/Berlin" }
  }),
  readContact: operation({
    id: "readContact",
    summary: "Get one contact",
    description:
      "Somebody else's contact is not found. With the `ETag` as `If-None-Match` it is sent only if it changed.",
    errors: { 400: malformedTag, 404: notFound, 412: changed, 422: malformedId }
  }),
  replaceContact: operation({
    id: "replaceContact",
    summary: "Replace a contact",
    description: `All members but \`company\` and \`title\` are required. ${conditions}`,
    errors: { 404: notFound, 412: changed, 422: "notes is required" }
  }),
  changeContact: operation({
    id: "changeContact",
    summary: "Change a contact",
    description: `What it leaves out stays, and null clears what may be null. ${conditions}`,
    errors: { 404: notFound, 412: changed, 422: malformedEmail },
    requests: {
      phone: { summary: "Another number", value: { phone: "+380509999999" } },
      birthday: { summary: "No birthday", value: { birthday: null } }
    }
  }),
  removeContact: operation({
    id: "removeContact",
    summary: "Delete a contact with its notes",
    description: `The event stream is told of each note that goes with it. ${conditions}`,
    errors: { 400: malformedTag, 404: notFound, 412: changed, 422: malformedId }
  })
}
