import { HttpApiMiddleware } from "effect/http-api"
import { accessToken, type CurrentSession, type PresentedToken } from "../Authorization.ts"
import {
  BadRequest,
  Conflict,
  Forbidden,
  TooLarge,
  TooManyRequests,
  Unauthorized,
  Unexpected,
  Unprocessable,
  UnsupportedType
} from "./V1Errors.ts"

/** Whoever shows the access token of a living session. */
export class Authorization extends HttpApiMiddleware.Service<Authorization, { provides: CurrentSession }>()(
  "rookery/adapters/http/v1/Authorization",
  { security: { bearer: accessToken }, error: Unauthorized.schema }
) {}

/** Takes any token from the `Authorization` header, or none, and leaves it to the handler what that is worth. */
export class TokenShown extends HttpApiMiddleware.Service<TokenShown, { provides: PresentedToken }>()(
  "rookery/adapters/http/v1/TokenShown",
  { security: { bearer: accessToken }, error: Unauthorized.schema }
) {}

/** Comes inside of {@link Authorization}: an account that has nothing but an e-mail address needs a verified one. */
export class VerifiedAccount extends HttpApiMiddleware.Service<VerifiedAccount, { requires: CurrentSession }>()(
  "rookery/adapters/http/v1/VerifiedAccount",
  { error: [Unauthorized.schema, Forbidden.schema] }
) {}

/** Comes before everything else: counts nothing, decodes nothing. */
export class Head extends HttpApiMiddleware.Service<Head>()("rookery/adapters/http/v1/Head", {
  error: [TooManyRequests.schema, Unexpected.schema]
}) {}

/** Comes last before the handler: a body is read only for those who may send one. */
export class Body extends HttpApiMiddleware.Service<Body>()("rookery/adapters/http/v1/Body", {
  error: [TooLarge.schema, UnsupportedType.schema]
}) {}

/** Says what a schema found wrong as this dialect does. */
export class Validation extends HttpApiMiddleware.Service<Validation>()("rookery/adapters/http/v1/Validation", {
  error: [BadRequest.schema, Unprocessable.schema]
}) {}

export class RegistrationLimit extends HttpApiMiddleware.Service<RegistrationLimit>()(
  "rookery/adapters/http/v1/RegistrationLimit"
) {}

export class SignInLimit extends HttpApiMiddleware.Service<SignInLimit>()("rookery/adapters/http/v1/SignInLimit") {}

/** Comes last before the handler: with an `Idempotency-Key` the request is acted on once, in one transaction. */
export class Idempotent extends HttpApiMiddleware.Service<Idempotent, { requires: CurrentSession }>()(
  "rookery/adapters/http/v1/Idempotent",
  { error: [Conflict.schema, Unprocessable.schema] }
) {}

/** Comes last before the handler: of a body that is no form, or too large, nothing is read. */
export class Upload extends HttpApiMiddleware.Service<Upload>()("rookery/adapters/http/v1/Upload", {
  error: UnsupportedType.schema
}) {}

/**
 * Routes that links in mails lead to, and the form that one of them shows: where a browser asks, it gets a page. Tokens
 * are in their addresses, so no cache keeps an answer, and no other site is told where its visitor came from.
 */
export class BrowserPages extends HttpApiMiddleware.Service<BrowserPages>()("rookery/adapters/http/v1/BrowserPages") {}
