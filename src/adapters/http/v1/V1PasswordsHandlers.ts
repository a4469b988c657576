import { Effect, Redacted } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { PasswordReset } from "../../../application/accounts/PasswordReset.ts"
import { Profile } from "../../../application/accounts/Profile.ts"
import { CurrentSession } from "../Authorization.ts"
import { refuse } from "../LimitedRoutes.ts"
import { V1Api } from "./V1Api.ts"
import { done } from "./V1BrowserPages.ts"
import { BadRequest } from "./V1Errors.ts"
import { passwordPage } from "./V1Pages.ts"
import { invalidField } from "./V1Validation.ts"

const invalidLink = () => BadRequest.of("Invalid or expired password reset link.")

export const V1PasswordsHandlers = HttpApiBuilder.group(
  V1Api,
  "passwords",
  Effect.fn(function* (handlers) {
    const resets = yield* PasswordReset
    const profile = yield* Profile

    return handlers.handleAll({
      requestPasswordReset: ({ payload }) =>
        resets
          .request(payload.email)
          .pipe(
            Effect.as({ message: "If there is an account with this address, a mail with a link is on its way." }),
            Effect.catchTag("RateLimitExceeded", refuse)
          ),
      showPasswordReset: ({ query: { token } }) =>
        Effect.mapBoth(resets.check(token), {
          onSuccess: () => passwordPage({ status: 200, token }),
          onFailure: invalidLink
        }),
      resetPassword: ({ payload: { password, token } }) =>
        resets
          .reset(token, Redacted.make(password))
          .pipe(Effect.mapError(invalidLink), Effect.andThen(done("Password changed", "You can now log in."))),
      changePassword: ({ payload }) =>
        CurrentSession.use((session) =>
          Effect.mapError(
            profile.changePassword(session, {
              current: Redacted.make(payload.current_password),
              next: Redacted.make(payload.new_password)
            }),
            () => invalidField("current_password", "is not the password of this account")
          )
        )
    })
  })
)
