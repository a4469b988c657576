import { Context, type Effect, type Redacted } from "effect"
import type { PhoneDigits } from "../shared/PhoneNumber.ts"
import type { Passcode } from "./Passcode.ts"

/** Six digits are found by trying, so hashes are keyed with a secret that does not lie beside them. */
export class PasscodeHasher extends Context.Service<
  PasscodeHasher,
  {
    /** Another one for another number. */
    hash(phone: PhoneDigits, passcode: Redacted.Redacted<Passcode>): Effect.Effect<Uint8Array>
    /** Takes the same time for every answer. Without a hash none matches, and that takes as long. */
    verify(
      hash: Uint8Array | undefined,
      phone: PhoneDigits,
      passcode: Redacted.Redacted<Passcode>
    ): Effect.Effect<boolean>
  }
>()("rookery/domain/accounts/PasscodeHasher") {}
