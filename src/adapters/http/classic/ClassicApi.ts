import { Schema } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Conflict, NotFound, Unauthorized } from "./ClassicErrors.ts"
import {
  Authorization,
  Body,
  Head,
  RegistrationLimit,
  SignInLimit,
  TokenShown,
  Validation
} from "./ClassicMiddleware.ts"
import {
  AccessToken,
  BearerAnswer,
  ClassicContact,
  ClassicNote,
  ContactChange,
  contactParams,
  EmailSignIn,
  Message,
  NewContact,
  noteParams,
  NoteWrite,
  PasswordForm,
  Person,
  PersonRegistration,
  TokenPair,
  UsernameRegistered,
  UsernameRegistration,
  UsernameSignIn
} from "./ClassicSchemas.ts"

const operation = (identifier: string, summary: string, description?: string) =>
  OpenApi.annotations({ identifier, summary, ...(description === undefined ? {} : { description }) })

const signOut = { success: Message } as const

export class AuthGroup extends HttpApiGroup.make("auth", { topLevel: true })
  .add(
    HttpApiEndpoint.post("registerUsername", "/auth/register", {
      payload: UsernameRegistration,
      success: UsernameRegistered.pipe(HttpApiSchema.status(201)),
      error: Conflict
    })
      .middleware(Body)
      .middleware(RegistrationLimit)
      .annotateMerge(operation("registerUsername", "Register with a username")),
    HttpApiEndpoint.post("loginUsername", "/auth/login", {
      payload: UsernameSignIn,
      success: TokenPair,
      error: Unauthorized
    })
      .middleware(Body)
      .middleware(SignInLimit)
      .annotateMerge(operation("loginUsername", "Sign in for an access token and a refresh token")),
    HttpApiEndpoint.post("refreshAccessToken", "/auth/refresh", { success: AccessToken })
      .middleware(TokenShown)
      .annotateMerge(
        operation("refreshAccessToken", "Get a new access token", "Takes the refresh token as Bearer; it stays valid.")
      ),
    HttpApiEndpoint.post("logout", "/auth/logout", signOut)
      .middleware(TokenShown)
      .annotateMerge(operation("logout", "Sign out", "Ends the whole session at once, with either of its tokens.")),
    HttpApiEndpoint.post("registerPerson", "/register", {
      payload: PersonRegistration,
      success: Person.pipe(HttpApiSchema.status(201)),
      error: Conflict
    })
      .middleware(Body)
      .middleware(RegistrationLimit)
      .annotateMerge(operation("registerPerson", "Register with name and e-mail address")),
    HttpApiEndpoint.post("loginEmail", "/login", {
      payload: [EmailSignIn, PasswordForm.pipe(HttpApiSchema.asFormUrlEncoded())],
      success: BearerAnswer,
      error: Unauthorized
    })
      .middleware(Body)
      .middleware(SignInLimit)
      .annotateMerge(
        operation(
          "loginEmail",
          "Sign in for a token that lasts as long as the session",
          "Takes JSON, or the password form of OAuth 2 with an e-mail address or a username."
        )
      ),
    HttpApiEndpoint.get("logoutByLink", "/logout", signOut)
      .middleware(TokenShown)
      .annotateMerge(operation("logoutByLink", "Sign out (by GET)")),
    HttpApiEndpoint.post("logoutByForm", "/logout", signOut)
      .middleware(TokenShown)
      .annotateMerge(operation("logoutByForm", "Sign out (by POST)"))
  )
  .annotateMerge(OpenApi.annotations({ description: "Accounts and sessions" })) {}

export class ContactsGroup extends HttpApiGroup.make("contacts", { topLevel: true })
  .add(
    HttpApiEndpoint.get("listContacts", "/contacts", { success: ClassicContact.pipe(Schema.Array) }).annotateMerge(
      operation("listContacts", "List all contacts", "The whole list, ordered by id, as a stream.")
    ),
    HttpApiEndpoint.post("createContact", "/contacts", {
      payload: NewContact,
      success: ClassicContact.pipe(HttpApiSchema.status(201))
    }).annotateMerge(operation("createContact", "Create a contact")),
    HttpApiEndpoint.get("getContact", "/contacts/:contact_id", {
      params: contactParams,
      success: ClassicContact,
      error: NotFound
    }).annotateMerge(operation("getContact", "Get a contact")),
    HttpApiEndpoint.put("updateContact", "/contacts/:contact_id", {
      params: contactParams,
      payload: ContactChange,
      success: ClassicContact,
      error: NotFound
    }).annotateMerge(operation("updateContact", "Update a contact", "Changes what it names, and leaves the rest.")),
    HttpApiEndpoint.delete("deleteContact", "/contacts/:contact_id", {
      params: contactParams,
      success: Message,
      error: NotFound
    }).annotateMerge(operation("deleteContact", "Delete a contact and its notes"))
  )
  .middleware(Body)
  .middleware(Authorization)
  .annotateMerge(OpenApi.annotations({ description: "The address book" })) {}

const noteText = "Its text goes by `body`, `note_body` or `note_text`; the first of them that is there counts."

export class NotesGroup extends HttpApiGroup.make("notes", { topLevel: true })
  .add(
    HttpApiEndpoint.get("listNotes", "/contacts/:contact_id/notes", {
      params: contactParams,
      success: ClassicNote.pipe(Schema.Array),
      error: NotFound
    }).annotateMerge(operation("listNotes", "List all notes of a contact")),
    HttpApiEndpoint.post("createNote", "/contacts/:contact_id/notes", {
      params: contactParams,
      payload: NoteWrite,
      success: ClassicNote.pipe(HttpApiSchema.status(201)),
      error: NotFound
    }).annotateMerge(operation("createNote", "Write a note", noteText)),
    HttpApiEndpoint.get("getNote", "/contacts/:contact_id/notes/:note_id", {
      params: noteParams,
      success: ClassicNote,
      error: NotFound
    }).annotateMerge(operation("getNote", "Get a note")),
    HttpApiEndpoint.put("updateNote", "/contacts/:contact_id/notes/:note_id", {
      params: noteParams,
      payload: NoteWrite,
      success: ClassicNote,
      error: NotFound
    }).annotateMerge(operation("updateNote", "Rewrite a note", noteText)),
    HttpApiEndpoint.delete("deleteNote", "/contacts/:contact_id/notes/:note_id", {
      params: noteParams,
      success: Message,
      error: NotFound
    }).annotateMerge(operation("deleteNote", "Delete a note"))
  )
  .middleware(Body)
  .middleware(Authorization)
  .annotateMerge(OpenApi.annotations({ description: "Notes under contacts" })) {}

export class ClassicApi extends HttpApi.make("classic")
  .add(AuthGroup)
  .add(ContactsGroup)
  .add(NotesGroup)
  .middleware(Validation)
  .middleware(Head)
  .annotate(HttpApi.PayloadParseOptions, { errors: "all", onExcessProperty: "error" }) {}
