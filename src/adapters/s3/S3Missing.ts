import { Effect, Schedule } from "effect"
import type { S3Failed } from "./S3Connection.ts"

/** An object that is not there. An answer to HEAD has no body, so it names no code of S3's. */
export const isMissing = ({ code, status }: S3Failed): boolean => status === 404 && code !== "NoSuchBucket"

/** 20 and 100 milliseconds. */
const pauses = Schedule.exponential("20 millis", 5)

/**
 * Looks at most twice more for what is said to be missing: a store with one replica of each object (Swift) answers so in
 * the instant in which the object is replaced. What really is missing is found so 120 milliseconds later.
 */
export const lookingAgain = <A, R>(question: Effect.Effect<A, S3Failed, R>): Effect.Effect<A, S3Failed, R> =>
  Effect.retry(question, { while: isMissing, times: 2, schedule: pauses })
