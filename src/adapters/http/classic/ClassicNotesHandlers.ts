import { DateTime, Effect, Schema } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Notebook } from "../../../application/contacts/Notebook.ts"
import { type Note, NoteBody } from "../../../domain/contacts/Note.ts"
import { type NoteContent, noteContent } from "../../../domain/contacts/NoteContent.ts"
import { CurrentSession } from "../Authorization.ts"
import { jsonArray } from "../JsonArray.ts"
import { violations } from "../Violation.ts"
import { ClassicApi } from "./ClassicApi.ts"
import { BadRequest, contactNotFound, noteNotFound } from "./ClassicErrors.ts"

const toWire = (note: Note) => ({ id: note.id, body: note.body, created_at: note.createdAt })

const decodeBody = Schema.decodeUnknownEffect(NoteBody)

/** The text of a note, by whichever of its names it came; `required` says that there was none. */
const readBody = (content: NoteContent, required: string) =>
  decodeBody(noteContent(content)).pipe(
    Effect.mapError(({ issue }) => {
      const [first] = violations(issue)
      const absent = first === undefined || first.kind !== "value" || first.message === "must not be blank"
      return new BadRequest({ error: absent ? required : `The note ${first.message}` })
    })
  )

export const ClassicNotesHandlers = HttpApiBuilder.group(
  ClassicApi,
  "notes",
  Effect.fn(function* (handlers) {
    const notebook = yield* Notebook

    return handlers.handleAll({
      listNotes: Effect.fnUntraced(function* ({ params }) {
        const { accountId } = yield* CurrentSession
        const notes = yield* Effect.mapError(notebook.list(accountId, params.contact_id), contactNotFound)
        return yield* jsonArray(notes, (note) => ({ ...toWire(note), created_at: DateTime.formatIso(note.createdAt) }))
      }),
      createNote: Effect.fnUntraced(function* ({ params, payload }) {
        const { accountId } = yield* CurrentSession
        const body = yield* readBody(payload, "Note content is required")
        const added = notebook.add(accountId, params.contact_id, body)
        return yield* Effect.mapBoth(added, { onSuccess: toWire, onFailure: contactNotFound })
      }),
      getNote: ({ params }) =>
        CurrentSession.use(({ accountId }) =>
          Effect.mapBoth(notebook.get(accountId, params.contact_id, params.note_id), {
            onSuccess: toWire,
            onFailure: noteNotFound
          })
        ),
      updateNote: Effect.fnUntraced(function* ({ params, payload }) {
        const { accountId } = yield* CurrentSession
        const body = yield* readBody(payload, "Note body is required")
        const rewritten = notebook.rewrite(accountId, params.contact_id, params.note_id, body)
        return yield* Effect.mapBoth(rewritten, { onSuccess: toWire, onFailure: noteNotFound })
      }),
      deleteNote: ({ params }) =>
        CurrentSession.use(({ accountId }) =>
          Effect.mapBoth(notebook.remove(accountId, params.contact_id, params.note_id), {
            onSuccess: () => ({ message: "Note deleted successfully" }),
            onFailure: noteNotFound
          })
        )
    })
  })
)
