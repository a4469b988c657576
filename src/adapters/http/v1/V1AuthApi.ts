import { Schema } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { EmailOnly, Message, NewAccount, V1Account } from "./V1AccountSchemas.ts"
import { operations } from "./V1AuthOperations.ts"
import { BadRequest, Conflict, Forbidden, Unauthorized } from "./V1Errors.ts"
import { Body, BrowserPages, RegistrationLimit, SignInLimit, TokenShown, Validation } from "./V1Middleware.ts"
import { PasswordForm, RefreshToken, TokenPair } from "./V1SessionSchemas.ts"

const signIn = {
  payload: PasswordForm.pipe(HttpApiSchema.asFormUrlEncoded()),
  success: TokenPair,
  error: [Unauthorized.schema, Forbidden.schema]
} as const
/** OAuth 2 has whoever takes this form pass over fields that he does not know (RFC 6749, 3.2). */
const lenient = { errors: "all", onExcessProperty: "ignore" } as const

const accepted = Message.pipe(HttpApiSchema.status(202))

/** What opens accounts and sessions, and ends a session. */
export class V1AuthGroup extends HttpApiGroup.make("auth", { topLevel: true })
  .add(
    HttpApiEndpoint.post("registerAccount", "/auth/register", {
      payload: NewAccount,
      success: V1Account.pipe(HttpApiSchema.status(201)),
      error: Conflict.schema
    })
      .middleware(Body)
      .middleware(RegistrationLimit)
      .annotateMerge(operations.registerAccount),
    HttpApiEndpoint.get("verifyEmail", "/auth/verify/:token", {
      params: { token: Schema.String },
      success: Message,
      error: [BadRequest.schema, Conflict.schema]
    })
      .middleware(Validation)
      .middleware(BrowserPages)
      .annotateMerge(operations.verifyEmail),
    HttpApiEndpoint.post("resendVerification", "/auth/verify/resend", { payload: EmailOnly, success: accepted })
      .middleware(Body)
      .annotateMerge(operations.resendVerification),
    HttpApiEndpoint.post("signIn", "/auth/login", signIn)
      .middleware(Body)
      .middleware(SignInLimit)
      .annotate(HttpApi.PayloadParseOptions, lenient)
      .annotateMerge(operations.signIn),
    HttpApiEndpoint.post("issueToken", "/auth/token", signIn)
      .middleware(Body)
      .middleware(SignInLimit)
      .annotate(HttpApi.PayloadParseOptions, lenient)
      .annotateMerge(operations.issueToken),
    HttpApiEndpoint.post("refreshTokens", "/auth/refresh", {
      payload: RefreshToken,
      success: TokenPair,
      error: Unauthorized.schema
    })
      .middleware(Body)
      .annotateMerge(operations.refreshTokens),
    HttpApiEndpoint.post("signOut", "/auth/logout", {
      payload: [RefreshToken, Schema.Null],
      success: HttpApiSchema.NoContent
    })
      .middleware(Body)
      .middleware(TokenShown)
      .annotateMerge(operations.signOut)
  )
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ description: "Accounts and sessions" })) {}
