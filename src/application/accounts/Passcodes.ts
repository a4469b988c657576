import { DateTime, type Duration, Effect, type Redacted, Result, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import {
  isLockedOut,
  type Passcode,
  PasscodeExpired,
  type PasscodePurpose,
  PasscodeRequestId,
  triesCountAfter,
  WrongPasscode
} from "../../domain/accounts/Passcode.ts"
import { PasscodeHasher } from "../../domain/accounts/PasscodeHasher.ts"
import { PasscodeRepository } from "../../domain/accounts/PasscodeRepository.ts"
import { SmsQueue } from "../../domain/accounts/SmsQueue.ts"
import type { PhoneDigits } from "../../domain/shared/PhoneNumber.ts"
import { RateLimits } from "../../domain/shared/RateLimits.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"
import { makeTexting } from "./Texting.ts"

/** Nothing is configured that would send an SMS. */
export class NoSmsService extends Schema.TaggedError<NoSmsService>()("NoSmsService", {}) {}

export interface PasscodeOptions {
  /** For how long a passcode works, from when it is sent. */
  readonly passcodeTtl: Duration.Duration
  /** Numbers that no SMS is sent to: theirs are always these. */
  readonly testPasscodes: ReadonlyMap<PhoneDigits, Redacted.Redacted<Passcode>>
}

/** Codes that prove whose a number is. */
export const makePasscodes = Effect.fnUntraced(function* ({ passcodeTtl, testPasscodes }: PasscodeOptions) {
  const kept = yield* PasscodeRepository
  const hasher = yield* PasscodeHasher
  const limits = yield* RateLimits
  const sms = yield* SmsQueue
  const random = yield* SecureRandom.SecureRandom
  const { atomic } = yield* Transaction
  const text = yield* makeTexting

  const request = Effect.fnUntraced(function* (phone: PhoneDigits, purpose: PasscodePurpose) {
    const id = PasscodeRequestId.make(yield* random.uuidV4())
    const now = yield* DateTime.now
    const end = DateTime.addDuration(now, passcodeTtl)
    yield* kept.request(phone, { id, purpose, owedUntil: end }, now)
    const fixed = testPasscodes.get(phone)
    if (fixed === undefined) return yield* text({ _tag: "Passcode", to: phone, requestId: id })
    yield* kept.issue(phone, id, { hash: yield* hasher.hash(phone, fixed), expiresAt: end }, now)
  }, atomic)

  /** Sends a code; the one before works no more. */
  const send = Effect.fnUntraced(function* (phone: PhoneDigits, purpose: PasscodePurpose) {
    if (!sms.available && !testPasscodes.has(phone)) return yield* new NoSmsService()
    yield* limits.consume("passcodes", phone)
    yield* request(phone, purpose)
  })

  /** Where the number is locked out nothing is compared, so that nobody learns more by further tries. */
  const compare = Effect.fnUntraced(function* (
    phone: PhoneDigits,
    purpose: PasscodePurpose,
    passcode: Redacted.Redacted<Passcode>
  ) {
    const now = yield* DateTime.now
    const { code, wrongTries } = yield* kept.lock(phone, now)
    const lockedOut = isLockedOut(wrongTries, now)
    const candidate = !lockedOut && code?.purpose === purpose ? code : undefined
    const matches = yield* hasher.verify(candidate?.hash, phone, passcode)
    if (lockedOut) return new WrongPasscode()
    if (candidate === undefined || !matches) {
      yield* kept.addWrongTry(phone, now, triesCountAfter(now))
      return new WrongPasscode()
    }
    if (DateTime.isLessThanOrEqualTo(candidate.expiresAt, now)) return new PasscodeExpired()
    yield* kept.use(phone)
    return undefined
  })

  /**
   * Uses the code up and acts, both or neither. A wrong try is kept, whatever comes of the request: it must not be undone
   * with it, so it is told only after the commit.
   */
  const redeem = Effect.fnUntraced(function* <A, E, R>(
    phone: PhoneDigits,
    purpose: PasscodePurpose,
    passcode: Redacted.Redacted<Passcode>,
    act: Effect.Effect<A, E, R>
  ) {
    const outcome = yield* atomic(
      Effect.gen(function* () {
        const refusal = yield* compare(phone, purpose, passcode)
        return refusal === undefined ? Result.succeed(yield* act) : Result.fail(refusal)
      })
    )
    return yield* Effect.fromResult(outcome)
  })

  return { send, redeem }
})
