import { Schema } from "effect"

/** Why the bench can't go on, in words for whoever runs it. */
export class BenchError extends Schema.TaggedError<BenchError>()("BenchError", { message: Schema.String }) {}

export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
