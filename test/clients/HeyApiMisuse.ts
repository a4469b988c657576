// What the types of the document must not let pass. It is compiled and never run.
import {
  addContact,
  deleteAccount,
  readNote,
  registerAccount,
  replaceContact,
  searchContacts,
  uploadAvatar
} from "./generated/sdk.gen.ts"

const path = { contact_id: 1, note_id: 1 }

// @ts-expect-error no body
await registerAccount()
// @ts-expect-error no password
await registerAccount({ body: { email: "ada@example.com" } })
// @ts-expect-error a member that no contact has
await addContact({ body: { first_name: "Ada", nickname: "Countess" } })
// @ts-expect-error a name that may not be null
await addContact({ body: { first_name: null } })
// @ts-expect-error a replacement that is none
await replaceContact({ path, body: { first_name: "Ada" } })
// @ts-expect-error an id of another type
await readNote({ path: { contact_id: "1", note_id: 1 } })
// @ts-expect-error no ids
await readNote()
// @ts-expect-error a limit of another type
await searchContacts({ query: { limit: "ten" } })
// @ts-expect-error a picture that is text
await uploadAvatar({ body: { file: "picture" } })
// @ts-expect-error a password of another type
await deleteAccount({ body: { password: 12345678 } })

const { data, error } = await readNote({ path })
// @ts-expect-error an answer that may be an error
void data.body
if (data === undefined) {
  // @ts-expect-error errors that are there with 422 alone
  void error.errors.length
} else {
  // @ts-expect-error a status that no note has
  void (data.processing.status === "lost")
  // @ts-expect-error a member that no note has
  void data.title
  // @ts-expect-error a time that may be null
  void data.processing.processed_at.length
}
