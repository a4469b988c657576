import { Schema } from "effect"
import { HttpApiSchema } from "effect/http-api"
import { described } from "../ApiDocs.ts"
import { problemDetails, problemType } from "../ProblemDetails.ts"

const FieldError = described(Schema.Struct({ field: Schema.String, message: Schema.String }), {
  name: "V1FieldError",
  description: "One thing that is wrong with what was sent",
  members: {
    field: {
      description: "A member of the body, a query parameter, ...; empty where it is the body as a whole",
      example: "email"
    },
    message: {
      description: "What is asked for; reads on from the name of the field",
      example: "must be an e-mail address such as ada@example.com"
    }
  }
})
export type FieldError = typeof FieldError.Type

const body = described(
  Schema.Struct({
    type: Schema.String,
    title: Schema.String,
    status: Schema.Int,
    detail: Schema.String,
    errors: Schema.optionalKey(Schema.Array(FieldError))
  }),
  {
    name: "V1Problem",
    description: "An error of v1: problem details (RFC 9457)",
    members: {
      type: { description: "Always `about:blank`: the status says what kind it is", format: "uri-reference" },
      title: { description: "The name of the status" },
      status: { description: "The status of the answer", minimum: 400, maximum: 599 },
      detail: { description: "What is wrong and what to do, for people" },
      errors: { description: "Everything that is wrong with what was sent, in answers with 422" }
    }
  }
)

export type Problem = typeof body.Type
export const isProblem = Schema.is(body)

const problemJson = HttpApiSchema.asJson({ contentType: problemType })

/** The error of one status: `schema` is what an endpoint declares, `of` makes one for people to read. */
const problem = (status: number, description: string) => {
  class Failure extends Schema.Error<Failure>(`V1Problem${status}`)(body, { httpApiStatus: status, description }) {}
  return {
    schema: Failure.pipe(problemJson),
    of: (detail: string, errors?: ReadonlyArray<FieldError>) =>
      new Failure({ ...problemDetails(status, detail), ...(errors === undefined ? {} : { errors }) })
  }
}

export const BadRequest = problem(400, "The request can't be read, or its link is used up")
export const Unauthorized = problem(401, "No token, or one that opens nothing; at a sign-in, wrong credentials")
export const Forbidden = problem(403, "The e-mail address has not been verified yet")
export const NotFound = problem(404, "It is not there, or not yours")
export const Conflict = problem(409, "Somebody else has it already, or it is not in a state for that")
export const PreconditionFailed = problem(412, "It has changed since it was read")
export const TooLarge = problem(413, "The body is larger than 1 MiB")
export const UnsupportedType = problem(415, "The body is of a type that this route does not take")
export const Unprocessable = problem(422, "What was sent does not fit; `errors` names everything that is wrong")
export const TooManyRequests = problem(429, "Over a rate limit; `Retry-After` says when to come back")
export const Unexpected = problem(500, "A fault of the server")
export const Unavailable = problem(503, "Something that this needs can't be reached; the same may work later")
