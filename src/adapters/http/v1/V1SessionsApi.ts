import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { operations } from "./V1AuthOperations.ts"
import { NotFound } from "./V1Errors.ts"
import { Authorization } from "./V1Middleware.ts"
import { sessionParams, V1Session } from "./V1SessionSchemas.ts"

/** The sessions of an account, of every dialect; the documents have one tag for all of `/auth`. */
export class V1SessionsGroup extends HttpApiGroup.make("sessions", { topLevel: true })
  .add(
    HttpApiEndpoint.get("listSessions", "/auth/sessions", {
      success: V1Session.pipe(Schema.Array).annotate({ description: "All sessions" })
    })
      .middleware(Authorization)
      .annotateMerge(operations.listSessions),
    HttpApiEndpoint.delete("endSessions", "/auth/sessions", {
      query: { keep: Schema.optionalKey(Schema.Literal("current")) },
      success: HttpApiSchema.NoContent
    })
      .middleware(Authorization)
      .annotateMerge(operations.endSessions),
    HttpApiEndpoint.delete("endSession", "/auth/sessions/:session_id", {
      params: sessionParams,
      success: HttpApiSchema.NoContent,
      error: NotFound.schema
    })
      .middleware(Authorization)
      .annotateMerge(operations.endSession)
  )
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "auth", description: "Accounts and sessions" })) {}
