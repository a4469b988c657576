import { Effect, Schema } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Notebook } from "../../../application/contacts/Notebook.ts"
import type { ContactId } from "../../../domain/contacts/Contact.ts"
import { NoteBody, type NoteId, type NoteNotDead } from "../../../domain/contacts/Note.ts"
import { type NoteContent, noteContent } from "../../../domain/contacts/NoteContent.ts"
import { CurrentSession } from "../Authorization.ts"
import { jsonArray } from "../JsonArray.ts"
import { pageLinks } from "../PageLinks.ts"
import { pageRequest } from "../PageQuery.ts"
import { PublicUrl } from "../PublicUrl.ts"
import { violations } from "../Violation.ts"
import { V1Api } from "./V1Api.ts"
import { Conflict, NotFound } from "./V1Errors.ts"
import { addedAnswer, notesPath, toWire } from "./V1NoteRepresentation.ts"
import { invalidField } from "./V1Validation.ts"

const contactNotFound = () => NotFound.of("Contact not found")
const noteNotFound = () => NotFound.of("Note not found")
const noteNotDead = ({ status }: NoteNotDead) =>
  Conflict.of(`There is nothing to send again: the processing of this note is ${status}`)

const decodeBody = Schema.decodeUnknownEffect(NoteBody)

const names = ["body", "note_body", "note_text"] as const

/** The text of a note, by whichever of its names it came. */
const readBody = (content: NoteContent) =>
  Effect.mapError(decodeBody(noteContent(content)), ({ issue }) => {
    const name = names.find((candidate) => content[candidate] !== undefined && content[candidate] !== null)
    const message = name === undefined ? "is required" : (violations(issue)[0]?.message ?? "is not valid")
    return invalidField(name ?? "body", message)
  })

interface NotePath {
  readonly params: { readonly contact_id: ContactId; readonly note_id: NoteId }
}

export const V1NotesHandlers = HttpApiBuilder.group(
  V1Api,
  "notes",
  Effect.fn(function* (handlers) {
    const notebook = yield* Notebook
    const publicUrl = yield* PublicUrl

    const rewrite = Effect.fnUntraced(function* ({ params, payload }: NotePath & { readonly payload: NoteContent }) {
      const { accountId } = yield* CurrentSession
      const body = yield* readBody(payload)
      const rewritten = notebook.rewrite(accountId, params.contact_id, params.note_id, body)
      return toWire(yield* Effect.mapError(rewritten, noteNotFound))
    })

    return handlers.handleAll({
      listContactNotes: Effect.fnUntraced(function* ({ params, query }) {
        const { accountId } = yield* CurrentSession
        const request = pageRequest(query)
        const page = notebook.page(accountId, params.contact_id, request)
        const { notes, total } = yield* Effect.mapError(page, contactNotFound)
        const link = pageLinks({ ...request, total, url: publicUrl.to(notesPath(params.contact_id)) })
        return HttpServerResponse.setHeaders(yield* jsonArray(notes, toWire), { "x-total-count": String(total), link })
      }),
      addNote: Effect.fnUntraced(function* ({ params, payload }) {
        const { accountId } = yield* CurrentSession
        const body = yield* readBody(payload)
        const note = yield* Effect.mapError(notebook.add(accountId, params.contact_id, body), contactNotFound)
        return addedAnswer(note, publicUrl)
      }),
      readNote: ({ params }) =>
        CurrentSession.use(({ accountId }) =>
          Effect.mapBoth(notebook.get(accountId, params.contact_id, params.note_id), {
            onSuccess: toWire,
            onFailure: noteNotFound
          })
        ),
      replaceNote: rewrite,
      changeNote: rewrite,
      removeNote: ({ params }) =>
        CurrentSession.use(({ accountId }) =>
          Effect.mapError(notebook.remove(accountId, params.contact_id, params.note_id), noteNotFound)
        ),
      resendNote: Effect.fnUntraced(function* ({ params }) {
        const { accountId } = yield* CurrentSession
        const note = yield* notebook.resend(accountId, params.contact_id, params.note_id).pipe(
          Effect.catchTags({
            NoteNotFound: () => Effect.fail(noteNotFound()),
            NoteNotDead: (notDead) => Effect.fail(noteNotDead(notDead))
          })
        )
        return HttpServerResponse.jsonUnsafe(toWire(note), { status: 202 })
      })
    })
  })
)
