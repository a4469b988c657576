import { Effect } from "effect"
import type { HttpApiEndpoint, HttpApiError } from "effect/http-api"
import { fieldOf, type Violation, violations } from "../Violation.ts"
import { BadRequest, contactNotFound, noteNotFound, Unprocessable } from "./ClassicErrors.ts"

/** Fields whose malformed text is 422 here; whatever else is wrong is 400. */
const malformed = new Set(["email", "phone_number"])

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const sentence = (violation: Violation): string => {
  const { kind, message, path } = violation
  if (path.length === 0) {
    return kind === "type" ? "The request body must be a JSON object" : "The request body is not valid JSON"
  }
  const name = fieldOf(violation)
  if (name === undefined) return "The request body has an unknown field"
  return kind === "missing" || isBlank(violation) ? `${capitalised(name)} is required` : `${name} ${message}`
}

/** The routes of a username and a password, whose document has one message for whatever of them is not there. */
const usernameRoutes = new Set(["/auth/register", "/auth/login"])

const isBlank = ({ message }: Violation): boolean => message === "must not be blank"

const isAbsent = (violation: Violation): boolean =>
  violation.kind === "missing" ||
  violation.kind === "type" ||
  (violation.path.length === 0 && violation.kind !== "value") ||
  isBlank(violation)

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

const isMalformed = (violation: Violation): boolean =>
  violation.kind === "value" &&
  violation.path.length === 1 &&
  malformed.has(violation.path[0] ?? "") &&
  !isBlank(violation)
