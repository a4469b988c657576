import { operationsOf } from "../ApiDocs.ts"
import { pageParameters } from "../PageQuery.ts"
import { problemDetails } from "../ProblemDetails.ts"

/**
 * Makes the annotations of v1's operations. A parameter that may be left out has no example: Swagger UI fills it in and
 * sends it, and then nothing is found, nothing is what it was, and every contact is the one that was added first.
 */
export const operation = operationsOf({
  errorBody: (detail, status) => problemDetails(status, detail),
  errors: {
    400: "The request body is not valid JSON",
    401: "Invalid or missing access token",
    403: "This e-mail address has not been verified yet: open the link in the mail that was sent to it",
    404: "Not found",
    415: "The request body must be application/json",
    429: "Too many requests. Try again in 12 seconds."
  },
  rare: [],
  parameters: {
    session_id: {
      format: "uuid",
      description: "The id of one's own session",
      example: "8c1f1f5e-0d7a-4f0e-9d5c-5a3b1c7e2f90"
    },
    keep: { description: "`current` keeps the session that asks" },
    contact_id: { type: "integer", minimum: 1, description: "The id of a contact", example: 1 },
    note_id: { type: "integer", minimum: 1, description: "The id of a note under that contact", example: 1 },
    avatar_id: { description: "From the address of the picture", example: "0f1e2d3c4b5a69788796a5b4c3d2e1f0" },
    search: {
      description: "Text to find in first name, last name or e-mail address, such as `smi`; blank finds all",
      maxLength: 255
    },
    tz: {
      description:
        "The time zone whose day is today, by its name in the IANA database, such as `Europe/Berlin`; UTC where there is none"
    },
    ...pageParameters,
    "if-match": { description: "Act only on what has one of these tags, such as an `ETag` in quotes, or on `*`" },
    "if-none-match": { description: "Act only on what has none of these tags, such as an `ETag` in quotes" },
    "idempotency-key": {
      description:
        "Chosen by the client for each request, such as a UUID: sent again within 24 hours, it is answered as it was and not acted on again"
    },
    token: { description: "From the link in the mail", example: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIyIn0.c2lnbmF0dXJl" }
  }
})
