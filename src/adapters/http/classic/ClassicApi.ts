import { Schema } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import {
  AccessToken,
  BearerAnswer,
  EmailSignIn,
  LoggedOut,
  PasswordForm,
  Person,
  PersonRegistration,
  TokenPair,
  UsernameRegistered,
  UsernameRegistration,
  UsernameSignIn
} from "./ClassicAccountSchemas.ts"
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
import { operations } from "./ClassicOperations.ts"
import {
  ClassicContact,
  ClassicNote,
  ContactChange,
  ContactDeleted,
  contactParams,
  NewContact,
  NoteDeleted,
  noteParams,
  NoteWrite
} from "./ClassicSchemas.ts"

const signOut = { success: LoggedOut } as const

export class AuthGroup extends HttpApiGroup.make("auth", { topLevel: true })
  .add(
    HttpApiEndpoint.post("registerUsername", "/auth/register", {
      payload: UsernameRegistration,
      success: UsernameRegistered.pipe(HttpApiSchema.status(201)),
      error: Conflict
    })
      .middleware(Body)
      .middleware(RegistrationLimit)
      .annotateMerge(operations.registerUsername),
    HttpApiEndpoint.post("loginUsername", "/auth/login", {
      payload: UsernameSignIn,
      success: TokenPair,
      error: Unauthorized
    })
      .middleware(Body)
      .middleware(SignInLimit)
      .annotateMerge(operations.loginUsername),
    HttpApiEndpoint.post("refreshAccessToken", "/auth/refresh", { success: AccessToken })
      .middleware(TokenShown)
      .annotateMerge(operations.refreshAccessToken),
    HttpApiEndpoint.post("logout", "/auth/logout", signOut).middleware(TokenShown).annotateMerge(operations.logout),
    HttpApiEndpoint.post("registerPerson", "/register", {
      payload: PersonRegistration,
      success: Person.pipe(HttpApiSchema.status(201)),
      error: Conflict
    })
      .middleware(Body)
      .middleware(RegistrationLimit)
      .annotateMerge(operations.registerPerson),
    HttpApiEndpoint.post("loginEmail", "/login", {
      payload: [EmailSignIn, PasswordForm.pipe(HttpApiSchema.asFormUrlEncoded())],
      success: BearerAnswer,
      error: Unauthorized
    })
      .middleware(Body)
      .middleware(SignInLimit)
      .annotateMerge(operations.loginEmail),
    HttpApiEndpoint.get("logoutByLink", "/logout", signOut)
      .middleware(TokenShown)
      .annotateMerge(operations.logoutByLink),
    HttpApiEndpoint.post("logoutByForm", "/logout", signOut)
      .middleware(TokenShown)
      .annotateMerge(operations.logoutByForm)
  )
  .annotateMerge(OpenApi.annotations({ description: "Accounts and sessions" })) {}

export class ContactsGroup extends HttpApiGroup.make("contacts", { topLevel: true })
  .add(
    HttpApiEndpoint.get("listContacts", "/contacts", {
      success: ClassicContact.pipe(Schema.Array).annotate({ description: "All contacts" })
    }).annotateMerge(operations.listContacts),
    HttpApiEndpoint.post("createContact", "/contacts", {
      payload: NewContact,
      success: ClassicContact.pipe(HttpApiSchema.status(201))
    }).annotateMerge(operations.createContact),
    HttpApiEndpoint.get("getContact", "/contacts/:contact_id", {
      params: contactParams,
      success: ClassicContact,
      error: NotFound
    }).annotateMerge(operations.getContact),
    HttpApiEndpoint.put("updateContact", "/contacts/:contact_id", {
      params: contactParams,
      payload: ContactChange,
      success: ClassicContact,
      error: NotFound
    }).annotateMerge(operations.updateContact),
    HttpApiEndpoint.delete("deleteContact", "/contacts/:contact_id", {
      params: contactParams,
      success: ContactDeleted,
      error: NotFound
    }).annotateMerge(operations.deleteContact)
  )
  .middleware(Body)
  .middleware(Authorization)
  .annotateMerge(OpenApi.annotations({ description: "The address book" })) {}

export class NotesGroup extends HttpApiGroup.make("notes", { topLevel: true })
  .add(
    HttpApiEndpoint.get("listNotes", "/contacts/:contact_id/notes", {
      params: contactParams,
      success: ClassicNote.pipe(Schema.Array).annotate({ description: "All notes of the contact" }),
      error: NotFound
    }).annotateMerge(operations.listNotes),
    HttpApiEndpoint.post("createNote", "/contacts/:contact_id/notes", {
      params: contactParams,
      payload: NoteWrite,
      success: ClassicNote.pipe(HttpApiSchema.status(201)),
      error: NotFound
    }).annotateMerge(operations.createNote),
    HttpApiEndpoint.get("getNote", "/contacts/:contact_id/notes/:note_id", {
      params: noteParams,
      success: ClassicNote,
      error: NotFound
    }).annotateMerge(operations.getNote),
    HttpApiEndpoint.put("updateNote", "/contacts/:contact_id/notes/:note_id", {
      params: noteParams,
      payload: NoteWrite,
      success: ClassicNote,
      error: NotFound
    }).annotateMerge(operations.updateNote),
    HttpApiEndpoint.delete("deleteNote", "/contacts/:contact_id/notes/:note_id", {
      params: noteParams,
      success: NoteDeleted,
      error: NotFound
    }).annotateMerge(operations.deleteNote)
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
  .annotate(HttpApi.PayloadParseOptions, { errors: "all", onExcessProperty: "error" })
  .annotateMerge(
    OpenApi.annotations({
      title: "Classic",
      description: '`/auth/*`, `/register`, `/login`, `/logout` and `/contacts*` say `{"error": "..."}`.'
    })
  ) {}
