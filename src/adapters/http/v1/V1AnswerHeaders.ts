import { Schema } from "effect"
import { HttpApiSchema } from "effect/http-api"

const header = (description: string, example: string) => Schema.String.annotate({ description, examples: [example] })

export const etag = header(
  "Changes whenever the answer does; for `If-Match` and `If-None-Match`",
  '"c3rH0Qj1mWqk0w2mB7lZ5eVYx8A"'
)

export const location = header("Where it is from now on", "https://rookery.example/api/v1/contacts/1")

/** Of an answer to a request that may have an `Idempotency-Key`. */
export const replayed = {
  "idempotent-replayed": Schema.optionalKey(header("There when this is the answer to an earlier request", "true"))
}

/** Of an answer that is a part of a list. */
export const pageHeaders = {
  "x-total-count": header("How many there are in the whole list", "41"),
  link: header(
    "Where the `first`, `prev`, `next` and `last` parts are (RFC 8288)",
    '<https://rookery.example/api/v1/contacts?skip=20&limit=20>; rel="next"'
  )
}

export const notModified = HttpApiSchema.WithHeaders(
  HttpApiSchema.Empty(304).annotate({ description: "It is as `If-None-Match` knows it" }),
  { etag }
)
