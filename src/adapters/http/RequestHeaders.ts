import { Schema } from "effect"

/** The headers of a conditional request, as an endpoint declares them. */
export const conditionalHeaders = {
  "if-match": Schema.optionalKey(Schema.String),
  "if-none-match": Schema.optionalKey(Schema.String)
}

/** The header of a request for what never changes. */
export const knownHeaders = { "if-none-match": conditionalHeaders["if-none-match"] }

/** The header of a request that is acted on once. */
export const keyedHeaders = { "idempotency-key": Schema.optionalKey(Schema.String) }
