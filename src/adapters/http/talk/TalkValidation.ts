import { Effect } from "effect"
import type { HttpApiError } from "effect/http-api"
import { fieldOf, type Violation, violations } from "../Violation.ts"
import { BadRequest } from "./TalkErrors.ts"

const sentence = (violation: Violation, isQuery: boolean): string => {
  const { kind, message, path } = violation
  if (path.length === 0) {
    return kind === "type" ? "The request body must be a JSON object" : "The request body is not valid JSON"
  }
  // Whatever is in a query is text: only a parameter that is there twice is not.
  return `${fieldOf(violation) ?? "The request"} ${isQuery && kind === "type" ? "must be sent once" : message}`
}

const refusal = (error: HttpApiError.HttpApiSchemaError) => {
  // An answer that fits no schema is the server's fault, and a defect.
  if (error.kind === "Body" || error.kind === "ResponseHeaders") return error
  const [first] = violations(error.cause.issue)
  return BadRequest.of(first === undefined ? "The request could not be read" : sentence(first, error.kind === "Query"))
}

/** What a request that fits no schema is told: the first thing that is wrong with it. */
export const invalidRequest = (error: HttpApiError.HttpApiSchemaError) => Effect.fail(refusal(error))
