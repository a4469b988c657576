import { Schema, SchemaGetter } from "effect"

/** A path segment that can be an id: a positive integer that a JSON number holds exactly. */
export const pathId = Schema.String.check(
  Schema.isPattern(/^[1-9]\d{0,15}$/, { message: "must be a positive integer" })
).pipe(
  Schema.decodeTo(Schema.Int.check(Schema.isGreaterThan(0)), {
    decode: SchemaGetter.transform(Number),
    encode: SchemaGetter.transform(String)
  })
)
