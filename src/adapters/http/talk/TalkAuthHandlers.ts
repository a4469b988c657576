import { Effect, Option, Redacted } from "effect"
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { PhoneSignIn } from "../../../application/accounts/PhoneSignIn.ts"
import type { SignedIn } from "../../../application/accounts/Sessions.ts"
import { refuse } from "../LimitedRoutes.ts"
import { TalkApi } from "./TalkApi.ts"
import type { ShownPasscode } from "./TalkAuthSchemas.ts"
import { BadRequest, Conflict, NotFound, Timeout, Unavailable } from "./TalkErrors.ts"
import { PossibleSession } from "./TalkMiddleware.ts"
import { invalidToken } from "./TalkRefusals.ts"

const sent = { success: true, message: "A passcode is on its way to this number." } as const

/** An answer that carries a token, which no cache may keep (RFC 6749, 5.1). */
const withToken = ({ accessToken }: SignedIn) =>
  HttpServerResponse.jsonUnsafe(
    { success: true, token: Redacted.value(accessToken) },
    { headers: { "cache-control": "no-store" } }
  )

interface Shown {
  readonly payload: typeof ShownPasscode.Type
  readonly request: HttpServerRequest.HttpServerRequest
}

const shownIn = ({ payload, request }: Shown) => ({
  phone: payload.phone_number,
  passcode: Redacted.make(payload.passcode),
  userAgent: request.headers["user-agent"]
})

const wrongPasscode = {
  WrongPasscode: () => Effect.fail(BadRequest.of("Invalid phone number or passcode")),
  PasscodeExpired: () => Effect.fail(Timeout.of("The passcode is expired: ask for another one"))
}

const registered = { PhoneTaken: () => Effect.fail(Conflict.of("Phone number already registered")) }

const notSent = {
  RateLimitExceeded: refuse,
  NoSmsService: () => Effect.fail(Unavailable.of("No SMS can be sent from here"))
}

export const TalkAuthHandlers = HttpApiBuilder.group(
  TalkApi,
  "auth",
  Effect.fn(function* (handlers) {
    const phones = yield* PhoneSignIn

    return handlers.handleAll({
      requestSignUpCode: ({ payload }) =>
        phones
          .requestSignUp(payload.phone_number)
          .pipe(Effect.as(sent), Effect.catchTags({ ...notSent, ...registered })),
      completeSignUp: Effect.fnUntraced(
        function* (shown) {
          const owner = Option.map(yield* PossibleSession, ({ accountId }) => accountId)
          return withToken(yield* phones.completeSignUp(shownIn(shown), Option.getOrUndefined(owner)))
        },
        Effect.catchTags({ ...wrongPasscode, ...registered, AccountNotFound: () => Effect.fail(invalidToken()) })
      ),
      requestSignInCode: ({ payload }) =>
        phones.requestSignIn(payload.phone_number).pipe(
          Effect.as(sent),
          Effect.catchTags({
            ...notSent,
            PhoneNotRegistered: () => Effect.fail(NotFound.of("Phone number not registered"))
          })
        ),
      completePhoneSignIn: (shown) =>
        phones.completeSignIn(shownIn(shown)).pipe(Effect.map(withToken), Effect.catchTags(wrongPasscode))
    })
  })
)
