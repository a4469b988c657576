import { Duration, Effect, Redacted } from "effect"
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { EmailVerification } from "../../../application/accounts/EmailVerification.ts"
import { Registration } from "../../../application/accounts/Registration.ts"
import { Sessions, type SignedIn } from "../../../application/accounts/Sessions.ts"
import { SignIn } from "../../../application/accounts/SignIn.ts"
import { PresentedToken } from "../Authorization.ts"
import { refuse } from "../LimitedRoutes.ts"
import { PublicUrl } from "../PublicUrl.ts"
import { accountToWire } from "./V1Accounts.ts"
import { V1Api } from "./V1Api.ts"
import { done } from "./V1BrowserPages.ts"
import { BadRequest, Unauthorized } from "./V1Errors.ts"
import { emailTaken, notVerified, usernameTaken } from "./V1Refusals.ts"
import type { PasswordForm } from "./V1SessionSchemas.ts"

/** An answer that carries tokens, which no cache may keep (RFC 6749, 5.1). */
const withTokens = ({ accessToken, expiresIn, refreshToken }: SignedIn) =>
  HttpServerResponse.jsonUnsafe(
    {
      access_token: Redacted.value(accessToken),
      refresh_token: refreshToken === null ? "" : Redacted.value(refreshToken),
      token_type: "bearer",
      expires_in: Math.floor(Duration.toSeconds(expiresIn))
    },
    { headers: { "cache-control": "no-store" } }
  )

const invalidLink = () => BadRequest.of("Invalid or expired verification link.")

export const V1AuthHandlers = HttpApiBuilder.group(
  V1Api,
  "auth",
  Effect.fn(function* (handlers) {
    const registration = yield* Registration
    const sessions = yield* Sessions
    const credentials = yield* SignIn
    const verification = yield* EmailVerification
    const toWire = accountToWire(yield* PublicUrl)

    const signIn = ({
      payload,
      request
    }: {
      readonly payload: typeof PasswordForm.Type
      readonly request: HttpServerRequest.HttpServerRequest
    }) =>
      credentials
        .withPassword({
          identifier: payload.username,
          password: Redacted.make(payload.password),
          dialect: "v1",
          refreshable: true,
          userAgent: request.headers["user-agent"]
        })
        .pipe(
          Effect.map(withTokens),
          Effect.catchTags({
            InvalidCredentials: () => Effect.fail(Unauthorized.of("Invalid username, e-mail address or password")),
            EmailNotVerified: () => Effect.fail(notVerified())
          })
        )

    return handlers.handleAll({
      registerAccount: ({ payload: { email, password, username } }) =>
        registration
          .register({ email, password: Redacted.make(password), ...(username == null ? {} : { username }) })
          .pipe(
            Effect.map(toWire),
            Effect.catchTags({
              EmailTaken: () => Effect.fail(emailTaken()),
              UsernameTaken: () => Effect.fail(usernameTaken())
            })
          ),
      verifyEmail: ({ params }) =>
        verification.verify(params.token).pipe(
          Effect.andThen(done("Email verified", "You can now log in.")),
          Effect.catchTags({
            InvalidLink: () => Effect.fail(invalidLink()),
            EmailTaken: () => Effect.fail(emailTaken())
          })
        ),
      resendVerification: ({ payload }) =>
        verification.resend(payload.email).pipe(
          Effect.as({
            message: "If an account with this address is still to be verified, a mail with a link is on its way."
          }),
          Effect.catchTag("RateLimitExceeded", refuse)
        ),
      signIn,
      issueToken: signIn,
      refreshTokens: ({ payload }) =>
        Effect.mapBoth(sessions.rotate(payload.refresh_token, "v1"), {
          onSuccess: withTokens,
          onFailure: () => Unauthorized.of("Invalid or expired refresh token")
        }),
      signOut: Effect.fnUntraced(function* ({ payload }) {
        const shown = Redacted.value(yield* PresentedToken)
        const ended = sessions.end(payload === null ? shown : payload.refresh_token)
        yield* ended.pipe(
          // Whoever asks twice has what was asked for.
          Effect.catchTag("SessionEnded", () => Effect.void),
          Effect.mapError(() => Unauthorized.of("Invalid or missing token"))
        )
      })
    })
  })
)
