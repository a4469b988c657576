import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { operations } from "./TalkAuthOperations.ts"
import { PasscodeSent, PhoneOnly, SessionToken, ShownPasscode } from "./TalkAuthSchemas.ts"
import { Conflict, NotFound, Timeout, Unavailable } from "./TalkErrors.ts"
import { Body, Identification, PasscodeLimit, RegistrationLimit, SignInLimit } from "./TalkMiddleware.ts"

/** What opens accounts and sessions by phone. */
export class TalkAuthGroup extends HttpApiGroup.make("auth", { topLevel: true })
  .add(
    HttpApiEndpoint.post("requestSignUpCode", "/auth/signup", {
      payload: PhoneOnly,
      success: PasscodeSent,
      error: [Conflict.schema, Unavailable.schema]
    })
      .middleware(Body)
      .middleware(PasscodeLimit)
      .middleware(Identification)
      .annotateMerge(operations.requestSignUpCode),
    HttpApiEndpoint.post("completeSignUp", "/auth/complete-signup", {
      payload: ShownPasscode,
      success: SessionToken,
      error: [Timeout.schema, Conflict.schema]
    })
      .middleware(Body)
      .middleware(RegistrationLimit)
      .middleware(Identification)
      .annotateMerge(operations.completeSignUp),
    HttpApiEndpoint.post("requestSignInCode", "/auth/signin", {
      payload: PhoneOnly,
      success: PasscodeSent,
      error: [NotFound.schema, Unavailable.schema]
    })
      .middleware(Body)
      .middleware(PasscodeLimit)
      .annotateMerge(operations.requestSignInCode),
    HttpApiEndpoint.post("completePhoneSignIn", "/auth/complete-signin", {
      payload: ShownPasscode,
      success: SessionToken,
      error: Timeout.schema
    })
      .middleware(Body)
      .middleware(SignInLimit)
      .annotateMerge(operations.completePhoneSignIn)
  )
  .prefix("/api")
  .annotateMerge(OpenApi.annotations({ description: "Accounts and sessions" })) {}
