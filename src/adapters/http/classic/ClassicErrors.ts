import { Schema } from "effect"
import { described } from "../ApiDocs.ts"

const wrong = { description: "What is wrong, for people" }

/** Every error of the classic dialect is `{"error": "..."}`; the classes differ by their status. */
const body = described(Schema.Struct({ error: Schema.String }), {
  name: "ClassicError",
  description: "An error of the classic dialect",
  members: { error: { ...wrong, example: "Name is required" } }
})

export class BadRequest extends Schema.Error<BadRequest>("ClassicBadRequest")(body, {
  httpApiStatus: 400,
  description: "A required field is missing or blank, or the request can't be read"
}) {}

export class Unauthorized extends Schema.Error<Unauthorized>("ClassicUnauthorized")(body, {
  httpApiStatus: 401,
  description: "No token, or one that opens nothing; at a sign-in, wrong credentials"
}) {}

export class NotFound extends Schema.Error<NotFound>("ClassicNotFound")(body, {
  httpApiStatus: 404,
  description: "It is not there, or not yours"
}) {}

export class Conflict extends Schema.Error<Conflict>("ClassicConflict")(body, {
  httpApiStatus: 409,
  description: "Somebody else has it already"
}) {}

export class TooLarge extends Schema.Error<TooLarge>("ClassicTooLarge")(body, {
  httpApiStatus: 413,
  description: "The body is larger than 1 MiB"
}) {}

export class UnsupportedType extends Schema.Error<UnsupportedType>("ClassicUnsupportedType")(body, {
  httpApiStatus: 415,
  description: "The body is of a type that this route does not take"
}) {}

export class Unprocessable extends Schema.Error<Unprocessable>("ClassicUnprocessable")(body, {
  httpApiStatus: 422,
  description: "An e-mail address or phone number is malformed"
}) {}

export class TooManyRequests extends Schema.Error<TooManyRequests>("ClassicTooManyRequests")(body, {
  httpApiStatus: 429,
  description: "Over a rate limit; `Retry-After` says when to come back"
}) {}

export class Unexpected extends Schema.Error<Unexpected>("ClassicUnexpected")(
  described(Schema.Struct({ error: Schema.String, detail: Schema.optionalKey(Schema.String) }), {
    name: "ClassicUnexpectedError",
    description: "A fault of the server",
    members: {
      error: { ...wrong, example: "An unexpected error occurred" },
      detail: { description: "For developers, in development only" }
    }
  }),
  { httpApiStatus: 500, description: "A fault of the server; `detail` is there in development only" }
) {}

export const invalidToken = () => new Unauthorized({ error: "Invalid or missing token" })
export const contactNotFound = () => new NotFound({ error: "Contact not found" })
export const noteNotFound = () => new NotFound({ error: "Note not found" })
