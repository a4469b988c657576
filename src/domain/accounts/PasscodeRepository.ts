import { Context, type DateTime, type Effect } from "effect"
import type { PhoneDigits } from "../shared/PhoneNumber.ts"
import type { PasscodePurpose, PasscodeRequestId } from "./Passcode.ts"

/** Somebody asks for a code. */
export interface PasscodeRequest {
  readonly id: PasscodeRequestId
  readonly purpose: PasscodePurpose
  /** Nobody waits for it any longer. */
  readonly owedUntil: DateTime.Utc
}

export interface IssuedPasscode {
  readonly hash: Uint8Array
  readonly expiresAt: DateTime.Utc
}

/** What is kept of a number's code; there is one at most. */
export interface KeptPasscode {
  /** Null while none was issued to the latest request, and once it has been used. */
  readonly code: (IssuedPasscode & { readonly purpose: PasscodePurpose }) | null
  /** Wrong tries that were not forgotten; another code does not forget them. */
  readonly wrongTries: ReadonlyArray<DateTime.Utc>
}

export class PasscodeRepository extends Context.Service<
  PasscodeRepository,
  {
    /** A new code is owed to the number; the one before works no more. Its wrong tries stay. */
    request(phone: PhoneDigits, request: PasscodeRequest, now: DateTime.Utc): Effect.Effect<void>
    /**
     * Keeps the code that is about to be sent, in the place of one that was issued to the same request before. False,
     * and nothing changes, where it is owed no more: another was requested, it was used, or nobody waits any longer.
     */
    issue(phone: PhoneDigits, id: PasscodeRequestId, code: IssuedPasscode, now: DateTime.Utc): Effect.Effect<boolean>
    /** Nobody else tries a code of that number until the transaction ends, whether anything was kept of it or not. */
    lock(phone: PhoneDigits, now: DateTime.Utc): Effect.Effect<KeptPasscode>
    /** One wrong try more; those at or before `since` are forgotten. The number is locked. */
    addWrongTry(phone: PhoneDigits, now: DateTime.Utc, since: DateTime.Utc): Effect.Effect<void>
    /** The code was used: it works no more, and the wrong tries are forgotten. */
    use(phone: PhoneDigits): Effect.Effect<void>
    /** Forgets numbers that nothing has happened to since `before`. */
    deleteUnusedSince(before: DateTime.Utc): Effect.Effect<void>
  }
>()("rookery/domain/accounts/PasscodeRepository") {}
