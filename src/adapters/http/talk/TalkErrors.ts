import { Schema } from "effect"
import { described } from "../ApiDocs.ts"

const wrong = { description: "What is wrong and what to do, for people" }
const failed = { description: "Always false in an error" }

/** Every error of talk is `{"success": false, "message": "..."}`; the classes differ by their status. */
const body = described(Schema.Struct({ success: Schema.Literal(false), message: Schema.String }), {
  name: "TalkError",
  description: "An error of talk",
  members: {
    success: failed,
    message: { ...wrong, example: "phone_number must be 7 to 15 digits with an optional leading +" }
  }
})

/** The error of one status: `schema` is what an endpoint declares, `of` makes one for people to read. */
const failure = (status: number, description: string) => {
  class Failure extends Schema.Error<Failure>(`TalkError${status}`)(body, { httpApiStatus: status, description }) {}
  return { schema: Failure, of: (message: string) => new Failure({ success: false, message }) }
}

export const BadRequest = failure(400, "A phone number or something else that was sent does not fit, or is missing")
export const Unauthorized = failure(401, "No token, or one that opens nothing")
export const Forbidden = failure(403, "Only friends can write to each other")
export const NotFound = failure(404, "It is not there, or not yours")
export const Timeout = failure(408, "The passcode was the right one, too late; or the request took too long to arrive")
export const Conflict = failure(409, "It has happened already, or somebody else has it")
export const TooLarge = failure(413, "The body is larger than 1 MiB; a clip is larger than 100 MiB")
export const UnsupportedType = failure(415, "The body is of a type that this route does not take")
export const RangeNotSatisfiable = failure(
  416,
  "There is no byte of that range; `Content-Range` says how many there are"
)
export const TooManyRequests = failure(429, "Over a rate limit; `Retry-After` says when to come back")
export const Unavailable = failure(503, "Something that this needs can't be reached; the same may work later")

export class Unexpected extends Schema.Error<Unexpected>("TalkUnexpected")(
  described(
    Schema.Struct({
      success: Schema.Literal(false),
      message: Schema.String,
      detail: Schema.optionalKey(Schema.String)
    }),
    {
      name: "TalkUnexpectedError",
      description: "A fault of the server",
      members: {
        success: failed,
        message: { ...wrong, example: "An unexpected error occurred" },
        detail: { description: "For developers, in development only" }
      }
    }
  ),
  { httpApiStatus: 500, description: "A fault of the server; `detail` is there in development only" }
) {}
