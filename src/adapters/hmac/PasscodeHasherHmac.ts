import { type Array, Effect, Layer, Redacted } from "effect"
import { Buffer } from "node:buffer"
import { createHmac, timingSafeEqual } from "node:crypto"
import { PasscodeHasher } from "../../domain/accounts/PasscodeHasher.ts"

export interface PasscodeHasherOptions {
  /** Of 32 bytes or more each. The first hashes, all verify. They may sign other things as well. */
  readonly secrets: Array.NonEmptyReadonlyArray<Redacted.Redacted<string>>
}

const length = 32

/** HMAC-SHA-256 (RFC 2104) over number and code, with a key that is derived from each secret for this alone. */
export const PasscodeHasherHmac = ({ secrets }: PasscodeHasherOptions) =>
  Layer.sync(PasscodeHasher, () => {
    const keyOf = (secret: Redacted.Redacted<string>) =>
      createHmac("sha256", Redacted.value(secret)).update("rookery passcodes").digest()
    const signing = keyOf(secrets[0])
    const keys = secrets.map(keyOf)

    const digest = (key: Buffer, phone: string, passcode: string) =>
      createHmac("sha256", key).update(`${phone}:${passcode}`).digest()

    return PasscodeHasher.of({
      hash: (phone, passcode) => Effect.sync(() => new Uint8Array(digest(signing, phone, Redacted.value(passcode)))),
      verify: (hash, phone, passcode) =>
        Effect.sync(() => {
          const known = hash?.length === length
          const expected = known ? hash : Buffer.alloc(length)
          // Every key is tried, whichever it was.
          const matching = keys.filter((key) => timingSafeEqual(digest(key, phone, Redacted.value(passcode)), expected))
          return known && matching.length > 0
        })
    })
  })
