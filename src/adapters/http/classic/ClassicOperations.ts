import { operationsOf } from "../ApiDocs.ts"
import { docs } from "./ClassicMembers.ts"

const operation = operationsOf({
  errorBody: (error) => ({ error }),
  errors: {
    401: "Invalid or missing token",
    404: "Contact not found",
    429: "Too many requests. Try again in 12 seconds."
  },
  rare: [422],
  parameters: {
    contact_id: { type: "integer", minimum: 1, description: "The id of a contact", example: 1 },
    note_id: { type: "integer", minimum: 1, description: "The id of a note under that contact", example: 1 }
  }
})

const malformedEmail = "email must be an e-mail address such as ada@example.com"
const malformedPhone = "phone_number must be 7 to 15 digits with an optional leading +"

/** Either token of the session ends it. */
const eitherToken = ["refreshToken", "bearer"]

const noteText =
  "Its text goes by `body`, `note_body` or `note_text`; the first of them that is there counts. " +
  "A note that was written is sent to the upstream service and to the event stream, after the answer."

const text = docs.noteBody.example
const noteTexts = {
  body: { summary: "As `body`", value: { body: text } },
  note_body: { summary: "As `note_body`", value: { note_body: text } },
  note_text: { summary: "As `note_text`", value: { note_text: text } }
}

/** What the document says of each operation. */
export const operations = {
  registerUsername: operation({
    id: "registerUsername",
    summary: "Register with a username",
    description: "The username is unique without regard to case. Nothing else is asked for.",
    errors: { 400: "Missing username or password", 409: "Username already exists" }
  }),
  loginUsername: operation({
    id: "loginUsername",
    summary: "Sign in for an access token and a refresh token",
    description:
      "Opens a session: the access token is short-lived, the refresh token gets new ones. `username` may hold an e-mail address.",
    errors: { 400: "Missing username or password", 401: "Invalid credentials" }
  }),
  refreshAccessToken: operation({
    id: "refreshAccessToken",
    summary: "Get a new access token",
    description: "Takes the refresh token of `/auth/login` as Bearer; it stays valid.",
    errors: { 401: "Invalid token" }
  }),
  logout: operation({
    id: "logout",
    summary: "Sign out",
    description: "Ends the whole session at once, with either of its tokens.",
    security: eitherToken
  }),
  registerPerson: operation({
    id: "registerPerson",
    summary: "Register with name and e-mail address",
    description: "The address is unique without regard to case.",
    errors: { 400: "First_name is required", 409: "Email already registered", 422: malformedEmail }
  }),
  loginEmail: operation({
    id: "loginEmail",
    summary: "Sign in for a token that lasts as long as the session",
    description: "Takes JSON, or the password form of OAuth 2 with an e-mail address or a username.",
    errors: { 400: "Missing email or password", 401: "Invalid credentials" }
  }),
  logoutByLink: operation({
    id: "logoutByLink",
    summary: "Sign out (by GET)",
    description: "Ends the whole session at once, with either of its tokens.",
    security: eitherToken
  }),
  logoutByForm: operation({
    id: "logoutByForm",
    summary: "Sign out (by POST)",
    description: "Ends the whole session at once, with either of its tokens.",
    security: eitherToken
  }),
  listContacts: operation({
    id: "listContacts",
    summary: "List all contacts",
    description: "The whole list, ordered by id, as a stream."
  }),
  createContact: operation({
    id: "createContact",
    summary: "Create a contact",
    description: "Only `name` is required; it is read back to the letter.",
    errors: { 400: "Name is required", 422: malformedPhone }
  }),
  getContact: operation({
    id: "getContact",
    summary: "Get a contact",
    description: "Somebody else's contact is not found."
  }),
  updateContact: operation({
    id: "updateContact",
    summary: "Update a contact",
    description: "Changes what it names, and leaves the rest.",
    errors: { 400: "Name is required", 422: malformedEmail }
  }),
  deleteContact: operation({
    id: "deleteContact",
    summary: "Delete a contact and its notes",
    description: "The event stream is told of each note that goes with it."
  }),
  listNotes: operation({
    id: "listNotes",
    summary: "List all notes of a contact",
    description: "The whole list, ordered by id, as a stream."
  }),
  createNote: operation({
    id: "createNote",
    summary: "Write a note",
    description: noteText,
    errors: { 400: "Note content is required" },
    requests: noteTexts
  }),
  getNote: operation({
    id: "getNote",
    summary: "Get a note",
    description: "Somebody else's note is not found.",
    errors: { 404: "Note not found" }
  }),
  updateNote: operation({
    id: "updateNote",
    summary: "Rewrite a note",
    description: noteText,
    errors: { 400: "Note body is required", 404: "Note not found" },
    requests: noteTexts
  }),
  deleteNote: operation({
    id: "deleteNote",
    summary: "Delete a note",
    description: "The event stream is told.",
    errors: { 404: "Note not found" }
  })
}
