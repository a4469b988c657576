import { Schema } from "effect"

const body = (example: string) =>
  ({ error: Schema.String.annotate({ description: "What is wrong, for people", examples: [example] }) }) as const

/** Every error of the classic dialect is `{"error": "..."}`; the classes differ by their status. */
export class BadRequest extends Schema.Error<BadRequest>("ClassicBadRequest")(body("Name is required"), {
  httpApiStatus: 400,
  description: "A required field is missing or blank, or the request can't be read"
}) {}

export class Unauthorized extends Schema.Error<Unauthorized>("ClassicUnauthorized")(body("Invalid or missing token"), {
  httpApiStatus: 401,
  description: "No token, or one that opens nothing; at a sign-in, wrong credentials"
}) {}

export class NotFound extends Schema.Error<NotFound>("ClassicNotFound")(body("Contact not found"), {
  httpApiStatus: 404,
  description: "It is not there, or not yours"
}) {}

export class Conflict extends Schema.Error<Conflict>("ClassicConflict")(body("Username already exists"), {
  httpApiStatus: 409,
  description: "Somebody else has it already"
}) {}

export class TooLarge extends Schema.Error<TooLarge>("ClassicTooLarge")(body("The request body is too large"), {
  httpApiStatus: 413,
  description: "The body is larger than 1 MiB"
}) {}

export class UnsupportedType extends Schema.Error<UnsupportedType>("ClassicUnsupportedType")(
  body("Unsupported content type"),
  { httpApiStatus: 415, description: "The body is of a type that this route does not take" }
) {}

export class Unprocessable extends Schema.Error<Unprocessable>("ClassicUnprocessable")(
  body("email must be an e-mail address such as ada@example.com"),
  { httpApiStatus: 422, description: "An e-mail address or phone number is malformed" }
) {}

export class TooManyRequests extends Schema.Error<TooManyRequests>("ClassicTooManyRequests")(
  body("Too many requests. Try again in 12 seconds."),
  { httpApiStatus: 429, description: "Over a rate limit; `Retry-After` says when to come back" }
) {}

export class Unexpected extends Schema.Error<Unexpected>("ClassicUnexpected")(
  { ...body("An unexpected error occurred"), detail: Schema.optionalKey(Schema.String) },
  { httpApiStatus: 500, description: "A fault of the server; `detail` is there in development only" }
) {}

export const contactNotFound = () => new NotFound({ error: "Contact not found" })
export const noteNotFound = () => new NotFound({ error: "Note not found" })
