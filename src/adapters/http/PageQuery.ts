import { Schema, SchemaGetter } from "effect"
import type { PageRequest } from "../../domain/shared/Page.ts"

/** A whole number in a query string, as people write it. */
const count = (pattern: RegExp, message: string) =>
  Schema.String.check(Schema.isPattern(pattern, { message })).pipe(
    Schema.decodeTo(Schema.Int, { decode: SchemaGetter.transform(Number), encode: SchemaGetter.transform(String) })
  )

const mostAtOnce = 100
const defaultAtOnce = 20

/** Which part of a list is asked for. */
export const pageQuery = {
  skip: Schema.optionalKey(count(/^\d{1,15}$/, "must be a whole number of at least 0")),
  limit: Schema.optionalKey(count(/^(?:[1-9]\d?|100)$/, `must be a whole number from 1 to ${mostAtOnce}`))
}

export interface PageQuery {
  readonly skip?: number | undefined
  readonly limit?: number | undefined
}

export const pageRequest = ({ limit = defaultAtOnce, skip = 0 }: PageQuery): PageRequest => ({ skip, limit })

/** What the document says of these parameters. */
export const pageParameters = {
  skip: { type: "integer", minimum: 0, default: 0, description: "How many of the list come before it", example: 0 },
  limit: {
    type: "integer",
    minimum: 1,
    maximum: mostAtOnce,
    default: defaultAtOnce,
    description: "How many at most",
    example: defaultAtOnce
  }
} as const
