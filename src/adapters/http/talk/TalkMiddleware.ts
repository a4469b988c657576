import { Context, type Option } from "effect"
import { HttpApiMiddleware, HttpApiSecurity, OpenApi } from "effect/http-api"
import type { Session } from "../../../domain/accounts/Session.ts"
import { accessToken, type CurrentSession } from "../Authorization.ts"
import { BadRequest, TooLarge, TooManyRequests, Unauthorized, Unexpected, UnsupportedType } from "./TalkErrors.ts"

/** Whose request it is, if anybody's who is known. */
export class PossibleSession extends Context.Service<PossibleSession, Option.Option<Session>>()(
  "rookery/adapters/http/talk/TalkMiddleware/PossibleSession"
) {}

/** A player that is given an address sends no header of one's own. */
const tokenInUrl = HttpApiSecurity.apiKey({ in: "query", key: "token" }).pipe(
  HttpApiSecurity.annotateMerge(
    OpenApi.annotations({ description: "The access token of a sign-in, for players that send no header" })
  )
)

/** Whoever shows the access token of a living session. */
export class Authorization extends HttpApiMiddleware.Service<Authorization, { provides: CurrentSession }>()(
  "rookery/adapters/http/talk/Authorization",
  { security: { bearer: accessToken }, error: Unauthorized.schema }
) {}

/**
 * As {@link Authorization}; the token may be in the URL as well.
 *
 * @effect-expect-leaking HttpServerRequest | ParsedSearchParams | RouteContext
 */
export class MediaAuthorization extends HttpApiMiddleware.Service<MediaAuthorization, { provides: CurrentSession }>()(
  "rookery/adapters/http/talk/MediaAuthorization",
  { security: { bearer: accessToken, tokenInUrl }, error: Unauthorized.schema }
) {}

/** Takes nobody for anybody: without a token there is no session, and one that opens nothing is refused. */
export class Identification extends HttpApiMiddleware.Service<Identification, { provides: PossibleSession }>()(
  "rookery/adapters/http/talk/Identification",
  { security: { bearer: accessToken }, error: Unauthorized.schema }
) {}

/** Comes before everything else: counts nothing, decodes nothing. */
export class Head extends HttpApiMiddleware.Service<Head>()("rookery/adapters/http/talk/Head", {
  error: [BadRequest.schema, TooManyRequests.schema, Unexpected]
}) {}

/** Comes last before the handler: a body is read only for those who may send one. */
export class Body extends HttpApiMiddleware.Service<Body>()("rookery/adapters/http/talk/Body", {
  error: [BadRequest.schema, TooLarge.schema, UnsupportedType.schema]
}) {}

/** Comes last before the handler: of a body that is no form, or too large, nothing is read. */
export class MediaUpload extends HttpApiMiddleware.Service<MediaUpload>()("rookery/adapters/http/talk/MediaUpload", {
  error: [BadRequest.schema, TooLarge.schema]
}) {}

/** Says what a schema found wrong as this dialect does. */
export class Validation extends HttpApiMiddleware.Service<Validation>()("rookery/adapters/http/talk/Validation", {
  error: BadRequest.schema
}) {}

export class RegistrationLimit extends HttpApiMiddleware.Service<RegistrationLimit>()(
  "rookery/adapters/http/talk/RegistrationLimit"
) {}

export class SignInLimit extends HttpApiMiddleware.Service<SignInLimit>()("rookery/adapters/http/talk/SignInLimit") {}

/** Counts who asks for passcodes, whatever the number. */
export class PasscodeLimit extends HttpApiMiddleware.Service<PasscodeLimit>()(
  "rookery/adapters/http/talk/PasscodeLimit"
) {}
