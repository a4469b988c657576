import { Cause, Schema } from "effect"

/** What went wrong has been said where it is heard. */
export class Told extends Schema.TaggedError<Told>()("Told", {}) {}

/** What stops the program, in one line; only a defect shows where it came from. Undefined where there is nothing to say. */
export const complaintOf = (cause: Cause.Cause<{ readonly message: string }>): string | undefined => {
  if (Cause.hasInterruptsOnly(cause)) return undefined
  const [failure] = cause.reasons.filter(Cause.isFailReason)
  if (failure === undefined) return Cause.pretty(cause)
  return failure.error instanceof Told ? undefined : failure.error.message
}
