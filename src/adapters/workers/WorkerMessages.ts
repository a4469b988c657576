import { Schema } from "effect"

/** In the order of these numbers the primary knows its workers, from 1 on; who replaces one has its number. */
export const WorkerNumber = Schema.Int.check(Schema.isGreaterThan(0))

/** Asks what its receiver knows about something; `detail` is what about it. */
const Question = Schema.TaggedStruct("Question", {
  /** The asker's, to know the answer by. */
  id: Schema.Int,
  about: Schema.String,
  detail: Schema.String
})

const Said = Schema.Struct({
  worker: WorkerNumber,
  /** How often it was started again; only the primary knows. */
  restarts: Schema.optionalKey(Schema.Int),
  /** Absent where it did not answer in time. */
  text: Schema.optionalKey(Schema.String)
})
/** What one of the workers knows. */
export type Said = typeof Said.Type

/** What a worker tells the primary. */
export const FromWorker = Schema.Union([
  Schema.TaggedStruct("Up", {}),
  Schema.TaggedStruct("Failed", { reason: Schema.String }),
  Question,
  Schema.TaggedStruct("Answer", { id: Schema.Int, text: Schema.String })
])
export type FromWorker = typeof FromWorker.Type

/** What the primary tells a worker. */
export const FromPrimary = Schema.Union([
  Question,
  Schema.TaggedStruct("Answers", { id: Schema.Int, answers: Schema.Array(Said) })
])
export type FromPrimary = typeof FromPrimary.Type
