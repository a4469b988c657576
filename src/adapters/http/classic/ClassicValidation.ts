import { Effect } from "effect"
import type { HttpApiEndpoint, HttpApiError } from "effect/http-api"
import { type Violation, violations } from "../Violation.ts"
import { BadRequest, contactNotFound, noteNotFound, Unprocessable } from "./ClassicErrors.ts"

/** Fields whose malformed text is 422 here; whatever else is wrong is 400. */
const malformed = new Set(["email", "phone_number"])

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const sentence = ({ kind, message, path }: Violation): string => {
  if (path.length === 0) {
    return kind === "type" ? "The request body must be a JSON object" : "The request body is not valid JSON"
  }
  const name = path.join(".")
  return kind === "missing" || message === "must not be blank"
    ? `${capitalised(name)} is required`
    : `${name} ${message}`
}

/** The routes of a username and a password, whose document has one message for whatever of them is not there. */
const usernameRoutes = new Set(["/auth/register", "/auth/login"])

const isAbsent = ({ kind, path }: Violation): boolean =>
  kind === "missing" || kind === "type" || (path.length === 0 && kind !== "value")

/** What a request that fits no schema is told: the first thing that is wrong with it. */
export const invalidRequest = (
  error: HttpApiError.HttpApiSchemaError,
  { endpoint }: { readonly endpoint: HttpApiEndpoint.Top }
) => {
  // An answer that fits no schema is the server's fault, and a defect.
  if (error.kind === "Body" || error.kind === "ResponseHeaders") return Effect.fail(error)
  // An id that no contact or note can have leads nowhere, like one that none has.
  if (error.kind === "Params")
    return Effect.fail(endpoint.path.includes(":note_id") ? noteNotFound() : contactNotFound())
  const found = violations(error.cause.issue)
  const first = found.find((violation) => !isMalformed(violation)) ?? found[0]
  if (first === undefined) return Effect.fail(new BadRequest({ error: "The request could not be read" }))
  const credentials = usernameRoutes.has(endpoint.path) && isAbsent(first)
  const body = { error: credentials ? "Missing username or password" : sentence(first) }
  return Effect.fail(isMalformed(first) ? new Unprocessable(body) : new BadRequest(body))
}

const isMalformed = ({ kind, message, path }: Violation): boolean =>
  kind === "value" && path.length === 1 && malformed.has(path[0] ?? "") && message !== "must not be blank"
