import { Effect, Layer, Predicate, Schema } from "effect"
import type { HttpServerRequest } from "effect/http"
import { EmailVerification } from "../../../application/accounts/EmailVerification.ts"
import { Sessions } from "../../../application/accounts/Sessions.ts"
import { AddressBook } from "../../../application/contacts/AddressBook.ts"
import { Notebook } from "../../../application/contacts/Notebook.ts"
import type { AccountId } from "../../../domain/accounts/Account.ts"
import { ContactId } from "../../../domain/contacts/Contact.ts"
import { NoteBody } from "../../../domain/contacts/Note.ts"
import { type FastPath, FastPaths, plainJson } from "../FastPaths.ts"
import { pageRequest } from "../PageQuery.ts"
import { PublicUrl } from "../PublicUrl.ts"
import { answerOf, contactMembers, contactsPath, pageAnswer } from "./V1ContactRepresentation.ts"
import { addedAnswer } from "./V1NoteRepresentation.ts"

/** Of a path: a number that is an id. */
const id = "([1-9]\\d{0,14})"

/** Of a query: a search for letters that are the same in whichever way they are encoded. */
const word = "(?:search=([\\w.@-]{1,255})&)?"

const skipped = "(?:skip=(\\d{1,15})&)?"

const contactId = (digits: string | undefined) => ContactId.make(Number(digits), { disableChecks: true })

const count = (digits: string | undefined) => (digits === undefined ? undefined : Number(digits))

const scheme = "Bearer "

const isNoteBody = Schema.is(NoteBody)

/** The text of an object that has nothing else. */
const plainText = (payload: unknown) =>
  Predicate.isObject(payload) && Object.keys(payload).length === 1 && "body" in payload && isNoteBody(payload.body)
    ? Effect.succeed(payload.body)
    : Effect.fail("no plain note")

/** Reading a contact, a page of them, and adding a note. */
export const V1FastPaths = Layer.effect(
  FastPaths,
  Effect.gen(function* () {
    const book = yield* AddressBook
    const notebook = yield* Notebook
    const publicUrl = yield* PublicUrl
    const sessions = yield* Sessions
    const verification = yield* EmailVerification

    /** Whose token was shown, where it opens these routes. */
    const ownerOf = ({ headers }: HttpServerRequest.HttpServerRequest): Effect.Effect<AccountId, unknown> => {
      const { authorization = "" } = headers
      if (!authorization.startsWith(scheme)) return Effect.fail("no bearer token")
      return Effect.flatMap(sessions.authenticate(authorization.slice(scheme.length)), ({ accountId }) =>
        Effect.as(verification.require(accountId), accountId)
      )
    }

    const readContact: FastPath = {
      method: "GET",
      route: `${contactsPath}/:contact_id`,
      target: new RegExp(`^${contactsPath}/${id}$`),
      answer: (request, [, digits]) =>
        Effect.flatMap(ownerOf(request), (owner) =>
          Effect.map(book.getJson(owner, contactId(digits), contactMembers), (json) => answerOf(json))
        )
    }

    const listContacts: FastPath = {
      method: "GET",
      route: contactsPath,
      target: new RegExp(`^${contactsPath}(?:\\?${word}${skipped}limit=([1-9]\\d?|100))?$`),
      answer: (request, [, search, skip, limit]) =>
        Effect.flatMap(ownerOf(request), (owner) => {
          const page = { ...pageRequest({ skip: count(skip), limit: count(limit) }), search }
          return Effect.map(book.jsonPage(owner, page, contactMembers), (found) => pageAnswer(found, page, publicUrl))
        })
    }

    const addNote: FastPath = {
      method: "POST",
      route: `${contactsPath}/:contact_id/notes`,
      target: new RegExp(`^${contactsPath}/${id}/notes$`),
      answer: (request, [, digits]) =>
        Effect.flatMap(ownerOf(request), (owner) =>
          Effect.flatMap(Effect.flatMap(plainJson(request), plainText), (body) =>
            Effect.map(notebook.add(owner, contactId(digits), body), (note) => addedAnswer(note, publicUrl))
          )
        )
    }

    return [readContact, listContacts, addNote]
  })
)
