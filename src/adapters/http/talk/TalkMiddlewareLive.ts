import { Effect, Layer, type Redacted } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
import { Sessions } from "../../../application/accounts/Sessions.ts"
import { bearerToken, CurrentSession } from "../Authorization.ts"
import { limited } from "../LimitedRoutes.ts"
import { checkBody, checkHead, checkType } from "../RequestChecks.ts"
import {
  Authorization,
  Body,
  Head,
  Identification,
  MediaAuthorization,
  PasscodeLimit,
  PossibleSession,
  RegistrationLimit,
  SignInLimit,
  Validation
} from "./TalkMiddleware.ts"
import { invalidToken } from "./TalkRefusals.ts"
import { MediaUploadLive } from "./TalkUpload.ts"
import { invalidRequest } from "./TalkValidation.ts"

interface Shown {
  readonly credential: Redacted.Redacted<string>
}

const sessionOf = Effect.map(
  Sessions,
  (sessions) =>
    ({ credential }: Shown) =>
      Effect.mapError(sessions.authenticate(bearerToken(credential)), invalidToken)
)

const AuthorizationLive = Layer.effect(
  Authorization,
  Effect.map(sessionOf, (authenticate) =>
    Authorization.of({ bearer: (app, shown) => Effect.provideServiceEffect(app, CurrentSession, authenticate(shown)) })
  )
)

const MediaAuthorizationLive = Layer.effect(
  MediaAuthorization,
  Effect.map(sessionOf, (authenticate) =>
    MediaAuthorization.of({
      bearer: (app, shown) => Effect.provideServiceEffect(app, CurrentSession, authenticate(shown)),
      tokenInUrl: (app, shown) => Effect.provideServiceEffect(app, CurrentSession, authenticate(shown))
    })
  )
)

const IdentificationLive = Layer.effect(
  Identification,
  Effect.map(sessionOf, (authenticate) =>
    Identification.of({
      bearer: (app, shown) => {
        const found = bearerToken(shown.credential) === "" ? Effect.succeedNone : Effect.asSome(authenticate(shown))
        return Effect.provideServiceEffect(app, PossibleSession, found)
      }
    })
  )
)

export const TalkMiddlewareLive = Layer.mergeAll(
  AuthorizationLive,
  MediaAuthorizationLive,
  IdentificationLive,
  MediaUploadLive,
  Layer.succeed(Head, (app, { endpoint }) => checkHead(app, endpoint)),
  Layer.succeed(Body, (app, { endpoint }) => checkBody(checkType(app, endpoint))),
  HttpApiMiddleware.layerSchemaErrorTransform(Validation, invalidRequest),
  Layer.effect(RegistrationLimit, limited("registration")),
  Layer.effect(SignInLimit, limited("signIn")),
  Layer.effect(PasscodeLimit, limited("passcodesByAddress"))
)
