import { Context, Redacted } from "effect"
import { HttpApiSecurity, OpenApi } from "effect/http-api"
import type { Session } from "../../domain/accounts/Session.ts"

/** The same in all dialects, as their tokens are. */
export const accessToken = HttpApiSecurity.bearer.pipe(
  HttpApiSecurity.annotateMerge(OpenApi.annotations({ description: "The access token of a sign-in", format: "JWT" }))
)

/** Whose request it is. */
export class CurrentSession extends Context.Service<CurrentSession, Session>()(
  "rookery/adapters/http/Authorization/CurrentSession"
) {}

/** The token as it was shown, whatever it opens. */
export class PresentedToken extends Context.Service<PresentedToken, Redacted.Redacted<string>>()(
  "rookery/adapters/http/Authorization/PresentedToken"
) {}

/** A pasted "Bearer ..." that a client puts its own `Bearer` before is read as one. */
export const bearerToken = (credential: Redacted.Redacted<string>): string =>
  Redacted.value(credential)
    .replace(/^(?:bearer +)+/i, "")
    .trim()
