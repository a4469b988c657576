import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { EmailOnly, Message, PasswordChange, PasswordReset, PasswordResetForm } from "./V1AccountSchemas.ts"
import { operations } from "./V1AuthOperations.ts"
import { BadRequest } from "./V1Errors.ts"
import { Authorization, Body, BrowserPages, SignInLimit, Validation } from "./V1Middleware.ts"

/** Passwords that are forgotten or changed; the documents have one tag for all of `/auth`. */
export class V1PasswordsGroup extends HttpApiGroup.make("passwords", { topLevel: true })
  .add(
    HttpApiEndpoint.post("requestPasswordReset", "/auth/password/forgot", {
      payload: EmailOnly,
      success: Message.pipe(HttpApiSchema.status(202))
    })
      .middleware(Body)
      .annotateMerge(operations.requestPasswordReset),
    HttpApiEndpoint.get("showPasswordReset", "/auth/password/reset", {
      query: { token: Schema.String },
      success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/html" })),
      error: BadRequest.schema
    })
      .middleware(Validation)
      .middleware(BrowserPages)
      .annotateMerge(operations.showPasswordReset),
    HttpApiEndpoint.post("resetPassword", "/auth/password/reset", {
      payload: [PasswordReset, PasswordResetForm.pipe(HttpApiSchema.asFormUrlEncoded())],
      success: Message,
      error: BadRequest.schema
    })
      .middleware(Body)
      .middleware(Validation)
      .middleware(BrowserPages)
      .annotateMerge(operations.resetPassword),
    HttpApiEndpoint.post("changePassword", "/auth/password/change", {
      payload: PasswordChange,
      success: HttpApiSchema.NoContent
    })
      .middleware(Body)
      .middleware(SignInLimit)
      .middleware(Authorization)
      .annotateMerge(operations.changePassword)
  )
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "auth", description: "Accounts and sessions" })) {}
