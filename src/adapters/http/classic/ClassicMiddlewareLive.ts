import { Effect, Layer, Redacted } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
import { Sessions } from "../../../application/accounts/Sessions.ts"
import { bearerToken, CurrentSession, PresentedToken } from "../Authorization.ts"
import { limited } from "../LimitedRoutes.ts"
import { checkBody, checkHead } from "../RequestChecks.ts"
import { invalidToken } from "./ClassicErrors.ts"
import {
  Authorization,
  Body,
  Head,
  RegistrationLimit,
  SignInLimit,
  TokenShown,
  Validation
} from "./ClassicMiddleware.ts"
import { invalidRequest } from "./ClassicValidation.ts"

const AuthorizationLive = Layer.effect(
  Authorization,
  Effect.gen(function* () {
    const sessions = yield* Sessions
    return Authorization.of({
      bearer: (app, { credential }) =>
        sessions.authenticate(bearerToken(credential)).pipe(
          Effect.mapError(invalidToken),
          Effect.flatMap((session) => Effect.provideService(app, CurrentSession, session))
        )
    })
  })
)

const TokenShownLive = Layer.succeed(TokenShown, {
  refreshToken: (app, { credential }) => {
    const token = bearerToken(credential)
    return token === "" ? Effect.fail(invalidToken()) : Effect.provideService(app, PresentedToken, Redacted.make(token))
  }
})

export const ClassicMiddlewareLive = Layer.mergeAll(
  AuthorizationLive,
  TokenShownLive,
  Layer.succeed(Head, (app, { endpoint }) => checkHead(app, endpoint)),
  Layer.succeed(Body, checkBody),
  HttpApiMiddleware.layerSchemaErrorTransform(Validation, invalidRequest),
  Layer.effect(RegistrationLimit, limited("registration")),
  Layer.effect(SignInLimit, limited("signIn"))
)
