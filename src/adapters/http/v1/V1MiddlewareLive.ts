import { Effect, Layer, Redacted } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
import { EmailVerification } from "../../../application/accounts/EmailVerification.ts"
import { Sessions } from "../../../application/accounts/Sessions.ts"
import { bearerToken, CurrentSession, PresentedToken } from "../Authorization.ts"
import { limited } from "../LimitedRoutes.ts"
import { checkBody, checkHead, checkType } from "../RequestChecks.ts"
import { BrowserPagesLive } from "./V1BrowserPages.ts"
import { IdempotentLive } from "./V1Idempotency.ts"
import {
  Authorization,
  Body,
  Head,
  RegistrationLimit,
  SignInLimit,
  TokenShown,
  Validation,
  VerifiedAccount
} from "./V1Middleware.ts"
import { invalidToken, notVerified } from "./V1Refusals.ts"
import { UploadLive } from "./V1Upload.ts"
import { invalidRequest } from "./V1Validation.ts"

const AuthorizationLive = Layer.effect(
  Authorization,
  Effect.map(Sessions, (sessions) =>
    Authorization.of({
      bearer: (app, { credential }) =>
        sessions.authenticate(bearerToken(credential)).pipe(
          Effect.mapError(invalidToken),
          Effect.flatMap((session) => Effect.provideService(app, CurrentSession, session))
        )
    })
  )
)

const VerifiedAccountLive = Layer.effect(
  VerifiedAccount,
  Effect.map(EmailVerification, (verification) =>
    VerifiedAccount.of(
      Effect.fnUntraced(function* (app) {
        const { accountId } = yield* CurrentSession
        yield* verification.require(accountId).pipe(
          Effect.catchTags({
            EmailNotVerified: () => Effect.fail(notVerified()),
            AccountNotFound: () => Effect.fail(invalidToken())
          })
        )
        return yield* app
      })
    )
  )
)

export const V1MiddlewareLive = Layer.mergeAll(
  AuthorizationLive,
  VerifiedAccountLive,
  Layer.succeed(TokenShown, {
    bearer: (app, { credential }) => Effect.provideService(app, PresentedToken, Redacted.make(bearerToken(credential)))
  }),
  BrowserPagesLive,
  IdempotentLive,
  UploadLive,
  Layer.succeed(Head, (app, { endpoint }) => checkHead(app, endpoint)),
  Layer.succeed(Body, (app, { endpoint }) => checkBody(checkType(app, endpoint))),
  HttpApiMiddleware.layerSchemaErrorTransform(Validation, invalidRequest),
  Layer.effect(RegistrationLimit, limited("registration")),
  Layer.effect(SignInLimit, limited("signIn"))
)
