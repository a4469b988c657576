import { Effect, Layer, Redacted } from "effect"
import { HttpServerRequest } from "effect/http"
import { HttpApiMiddleware, HttpApiSecurity, OpenApi } from "effect/http-api"
import { Sessions } from "../../../application/accounts/Sessions.ts"
import { type RateLimit, RateLimits } from "../../../domain/shared/RateLimits.ts"
import { bearerToken, CurrentSession, PresentedToken } from "../Authorization.ts"
import { checkBody, checkHead } from "../RequestChecks.ts"
import { RequestInfo } from "../RequestInfo.ts"
import { tooManyRequests } from "../TooManyRequests.ts"
import {
  BadRequest,
  NotFound,
  TooLarge,
  TooManyRequests,
  Unauthorized,
  Unexpected,
  Unprocessable,
  UnsupportedType
} from "./ClassicErrors.ts"
import { invalidRequest } from "./ClassicValidation.ts"

const accessToken = HttpApiSecurity.bearer.pipe(
  HttpApiSecurity.annotateMerge(OpenApi.annotations({ description: "The access token of a sign-in", format: "JWT" }))
)
const eitherToken = HttpApiSecurity.bearer.pipe(
  HttpApiSecurity.annotateMerge(
    OpenApi.annotations({ description: "The refresh token of a sign-in; a sign-out takes the access token as well" })
  )
)

/** Whoever shows the access token of a living session. */
export class Authorization extends HttpApiMiddleware.Service<Authorization, { provides: CurrentSession }>()(
  "rookery/adapters/http/classic/Authorization",
  { security: { bearer: accessToken }, error: Unauthorized }
) {}

/** Takes any token from the `Authorization` header, and leaves it to the handler what it is worth. */
export class TokenShown extends HttpApiMiddleware.Service<TokenShown, { provides: PresentedToken }>()(
  "rookery/adapters/http/classic/TokenShown",
  { security: { refreshToken: eitherToken }, error: Unauthorized }
) {}

/** Comes before everything else: counts nothing, decodes nothing. */
export class Head extends HttpApiMiddleware.Service<Head>()("rookery/adapters/http/classic/Head", {
  error: [TooManyRequests, Unexpected]
}) {}

/** Comes last before the handler: a body is read only for those who may send one. */
export class Body extends HttpApiMiddleware.Service<Body>()("rookery/adapters/http/classic/Body", {
  error: [BadRequest, TooLarge, UnsupportedType]
}) {}

/** Says what a schema found wrong as this dialect does. */
export class Validation extends HttpApiMiddleware.Service<Validation>()("rookery/adapters/http/classic/Validation", {
  error: [BadRequest, NotFound, Unprocessable]
}) {}

export class RegistrationLimit extends HttpApiMiddleware.Service<RegistrationLimit>()(
  "rookery/adapters/http/classic/RegistrationLimit"
) {}

export class SignInLimit extends HttpApiMiddleware.Service<SignInLimit>()(
  "rookery/adapters/http/classic/SignInLimit"
) {}

const AuthorizationLive = Layer.effect(
  Authorization,
  Effect.gen(function* () {
    const sessions = yield* Sessions
    return Authorization.of({
      bearer: (app, { credential }) =>
        sessions.authenticate(bearerToken(credential)).pipe(
          Effect.mapError(() => new Unauthorized({ error: "Invalid or missing token" })),
          Effect.flatMap((session) => Effect.provideService(app, CurrentSession, session))
        )
    })
  })
)

const TokenShownLive = Layer.succeed(TokenShown, {
  refreshToken: (app, { credential }) => {
    const token = bearerToken(credential)
    return token === ""
      ? Effect.fail(new Unauthorized({ error: "Invalid or missing token" }))
      : Effect.provideService(app, PresentedToken, Redacted.make(token))
  }
})

const limited = (name: RateLimit) =>
  Effect.map(RateLimits, (limits): HttpApiMiddleware.HttpApiMiddleware<never, never, never> =>
    Effect.fnUntraced(function* (app) {
      const request = yield* HttpServerRequest.HttpServerRequest
      const info = yield* RequestInfo
      const allowance = yield* Effect.result(limits.consume(name, info.limitKey))
      if (allowance._tag === "Failure") return tooManyRequests(request, info, allowance.failure)
      if (allowance.success !== undefined) info.allowances.set(name, allowance.success)
      return yield* app
    })
  )

export const ClassicMiddleware = Layer.mergeAll(
  AuthorizationLive,
  TokenShownLive,
  Layer.succeed(Head, (app, { endpoint }) => checkHead(app, endpoint)),
  Layer.succeed(Body, checkBody),
  HttpApiMiddleware.layerSchemaErrorTransform(Validation, invalidRequest),
  Layer.effect(RegistrationLimit, limited("registration")),
  Layer.effect(SignInLimit, limited("signIn"))
)
