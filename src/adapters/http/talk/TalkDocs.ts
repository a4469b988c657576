import { operationsOf } from "../ApiDocs.ts"

/** Makes the annotations of talk's operations. */
export const operation = operationsOf({
  errorBody: (message) => ({ success: false, message }),
  errors: {
    400: "phone_number must be 7 to 15 digits with an optional leading +",
    401: "Invalid or missing token",
    413: "The request body is too large",
    415: "The request body must be application/json",
    429: "Too many requests. Try again in 12 seconds."
  },
  rare: [],
  parameters: {
    phone_number: {
      description: "The number of a contact",
      pattern: "^\\+?[0-9]{7,15}$",
      example: "4915112345678"
    },
    count: {
      type: "integer",
      minimum: 1,
      default: 100,
      description: "How many at most; more than 255 is 255",
      example: 100
    },
    before_id: {
      type: "integer",
      minimum: 1,
      description: "Only older ones than this message: the lowest `id` of the answer before"
    },
    media_type: {
      description: "`audio`, `video`, or a media type of either such as `video/mp4`; what is sent has to be so",
      example: "audio"
    },
    media_content_id: { type: "integer", minimum: 1, description: "The `id` of an upload", example: 7 },
    range: { description: "One range of bytes, such as `bytes=0-1023`" },
    "if-range": { description: "Send only the range if this still is the `ETag`, else all of it" },
    "if-none-match": { description: "Send it only if it has none of these tags, such as an `ETag` in quotes" }
  }
})
