import { HttpApiMiddleware, HttpApiSecurity, OpenApi } from "effect/http-api"
import { accessToken, type CurrentSession, type PresentedToken } from "../Authorization.ts"
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
