import { Effect } from "effect"
import type { HttpApiError } from "effect/http-api"
import { fieldOf, type Violation, violations } from "../Violation.ts"
import { BadRequest, type FieldError, Unprocessable } from "./V1Errors.ts"

/** More than anybody corrects at a time, and few enough to be sent. */
const mostErrors = 20

/** As many as make one sentence that can be read. */
const mostNamed = 3

const fieldError = (violation: Violation): FieldError => {
  const field = fieldOf(violation)
  if (field !== undefined) return { field, message: violation.message }
  return { field: "", message: violation.path.length === 0 ? violation.message : "has an unknown field" }
}

const sentence = ({ field, message }: FieldError): string => `${field === "" ? "The request body" : field} ${message}`

const detailOf = (errors: ReadonlyArray<FieldError>): string => {
  const named = errors.slice(0, mostNamed).map(sentence)
  const others = errors.length - named.length
  return [...named, ...(others === 0 ? [] : [`${others} more`])].join("; ")
}

/** 422 for what is wrong with the named fields. */
export const invalidFields = (...errors: ReadonlyArray<FieldError>) =>
  Unprocessable.of(detailOf(errors), errors.slice(0, mostErrors))

/** 422 for one field: the message reads on from its name. */
export const invalidField = (field: string, message: string) => invalidFields({ field, message })

/** Whatever is in a query is text: only a parameter that is there twice is not. */
const inQuery = (violation: Violation): Violation =>
  violation.kind === "type" ? { ...violation, message: "must be sent once" } : violation

/** Who is told how a date is written needs not be told as well that there is no such date. */
const firstOfEach = (found: ReadonlyArray<Violation>): ReadonlyArray<Violation> => {
  const byPath = new Map<string, Violation>()
  for (const violation of found) {
    const path = JSON.stringify(violation.path)
    if (!byPath.has(path)) byPath.set(path, violation)
  }
  return [...byPath.values()]
}

const refusal = (error: HttpApiError.HttpApiSchemaError) => {
  // An answer that fits no schema is the server's fault, and a defect.
  if (error.kind === "Body" || error.kind === "ResponseHeaders") return error
  const { issue } = error.cause
  // What could not even be parsed; every other issue comes from a schema, which has a type or a check to name.
  if (error.kind === "Payload" && issue._tag === "InvalidValue") {
    return BadRequest.of("The request body is not valid JSON")
  }
  const found = violations(issue).map(error.kind === "Query" ? inQuery : (violation) => violation)
  return invalidFields(...firstOfEach(found).map(fieldError))
}

/** What a request that fits no schema is told: everything that is wrong with it. */
export const invalidRequest = (error: HttpApiError.HttpApiSchemaError) => Effect.fail(refusal(error))
