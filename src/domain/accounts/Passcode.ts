import { DateTime, Duration, Schema } from "effect"

/** Six digits. */
export const Passcode = Schema.String.check(Schema.isPattern(/^[0-9]{6}$/, { message: "must be six digits" })).pipe(
  Schema.brand("Passcode")
)
export type Passcode = typeof Passcode.Type

/** How many codes there are. */
export const passcodes = 1_000_000

/** The `n`-th code, counted from 0. */
export const nthPasscode = (n: number): Passcode => Passcode.make(String(n).padStart(6, "0"))

/** A code serves the step that asked for it. */
export const PasscodePurpose = Schema.Literals(["signUp", "signIn"])
export type PasscodePurpose = typeof PasscodePurpose.Type

/** Names one time that somebody asked for a code. */
export const PasscodeRequestId = Schema.String.check(Schema.isUUID()).pipe(Schema.brand("PasscodeRequestId"))
export type PasscodeRequestId = typeof PasscodeRequestId.Type

/** Wrong tries of one number that are borne in {@link tryWindow}. */
export const mostWrongTries = 5
export const tryWindow = Duration.hours(1)

/** Tries at or before this do not count any more. */
export const triesCountAfter = (now: DateTime.Utc): DateTime.Utc => DateTime.subtractDuration(now, tryWindow)

/** Whether no code of the number works now, however often another one is asked for. */
export const isLockedOut = (tries: ReadonlyArray<DateTime.Utc>, now: DateTime.Utc): boolean => {
  const since = triesCountAfter(now)
  return tries.filter((at) => DateTime.isGreaterThan(at, since)).length >= mostWrongTries
}

/** Not the code that was sent, used already, or one too many was tried: nobody can tell which. */
export class WrongPasscode extends Schema.TaggedError<WrongPasscode>()("WrongPasscode", {}) {}

/** It was the right one, too late. */
export class PasscodeExpired extends Schema.TaggedError<PasscodeExpired>()("PasscodeExpired", {}) {}
