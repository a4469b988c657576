import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { keyedHeaders } from "../RequestHeaders.ts"
import { location, pageHeaders, replayed } from "./V1AnswerHeaders.ts"
import { contactParams } from "./V1ContactSchemas.ts"
import { Conflict, NotFound } from "./V1Errors.ts"
import { Authorization, Body, Idempotent, VerifiedAccount } from "./V1Middleware.ts"
import { operations } from "./V1NoteOperations.ts"
import { noteListQuery, noteParams, NoteText, V1Note } from "./V1NoteSchemas.ts"

const written = { params: noteParams, payload: NoteText, success: V1Note, error: NotFound.schema } as const

export class V1NotesGroup extends HttpApiGroup.make("notes", { topLevel: true })
  .add(
    HttpApiEndpoint.get("listContactNotes", "/contacts/:contact_id/notes", {
      params: contactParams,
      query: noteListQuery,
      success: HttpApiSchema.WithHeaders(
        V1Note.pipe(Schema.Array).annotate({ description: "A part of the notes" }),
        pageHeaders
      ),
      error: NotFound.schema
    }).annotateMerge(operations.listContactNotes),
    HttpApiEndpoint.post("addNote", "/contacts/:contact_id/notes", {
      params: contactParams,
      headers: keyedHeaders,
      payload: NoteText,
      success: HttpApiSchema.WithHeaders(V1Note.pipe(HttpApiSchema.status(201)), { location, ...replayed }),
      error: NotFound.schema
    })
      .middleware(Idempotent)
      .annotateMerge(operations.addNote),
    HttpApiEndpoint.get("readNote", "/contacts/:contact_id/notes/:note_id", {
      params: noteParams,
      success: V1Note,
      error: NotFound.schema
    }).annotateMerge(operations.readNote),
    HttpApiEndpoint.put("replaceNote", "/contacts/:contact_id/notes/:note_id", written).annotateMerge(
      operations.replaceNote
    ),
    HttpApiEndpoint.patch("changeNote", "/contacts/:contact_id/notes/:note_id", written).annotateMerge(
      operations.changeNote
    ),
    HttpApiEndpoint.delete("removeNote", "/contacts/:contact_id/notes/:note_id", {
      params: noteParams,
      success: HttpApiSchema.NoContent,
      error: NotFound.schema
    }).annotateMerge(operations.removeNote),
    HttpApiEndpoint.post("resendNote", "/contacts/:contact_id/notes/:note_id/resend", {
      params: noteParams,
      headers: keyedHeaders,
      success: HttpApiSchema.WithHeaders(V1Note.pipe(HttpApiSchema.status(202)), replayed),
      error: [NotFound.schema, Conflict.schema]
    })
      .middleware(Idempotent)
      .annotateMerge(operations.resendNote)
  )
  .middleware(Body)
  .middleware(VerifiedAccount)
  .middleware(Authorization)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ description: "Notes under contacts" })) {}
