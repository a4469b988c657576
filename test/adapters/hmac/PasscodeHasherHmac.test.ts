import { assert, describe, it } from "@effect/vitest"
import { type Array, Effect, Redacted } from "effect"
import { createHmac } from "node:crypto"
import { PasscodeHasherHmac } from "../../../src/adapters/hmac/PasscodeHasherHmac.ts"
import { Passcode } from "../../../src/domain/accounts/Passcode.ts"
import { PasscodeHasher } from "../../../src/domain/accounts/PasscodeHasher.ts"
import { PhoneDigits } from "../../../src/domain/shared/PhoneNumber.ts"

const [old, present] = ["the secret of last year, 32 bytes long", "the secret of this year, 32 bytes long"]
const hasher = (...secrets: Array.NonEmptyReadonlyArray<string>) => {
  const [first, ...others] = secrets
  return Effect.provide(
    PasscodeHasher,
    PasscodeHasherHmac({ secrets: [Redacted.make(first), ...others.map((secret) => Redacted.make(secret))] })
  )
}
const code = (text: string) => Redacted.make(Passcode.make(text))
const [ada, bob] = [PhoneDigits.make("1234567"), PhoneDigits.make("12345678")]

describe("PasscodeHasherHmac", () => {
  it.effect("knows the code of a number again, and no other code and no other number's", () =>
    Effect.gen(function* () {
      const { hash, verify } = yield* hasher(present)
      const kept = yield* hash(ada, code("123456"))
      assert.isTrue(yield* verify(kept, ada, code("123456")))
      assert.isFalse(yield* verify(kept, ada, code("123457")))
      assert.isFalse(yield* verify(kept, bob, code("123456")))
      // Neither by what stands between number and code.
      assert.isFalse(yield* verify(yield* hash(bob, code("000000")), ada, code("800000")))
    })
  )

  it.effect("knows no code where there is no hash, or half of one", () =>
    Effect.gen(function* () {
      const { hash, verify } = yield* hasher(present)
      const kept = yield* hash(ada, code("123456"))
      assert.isFalse(yield* verify(undefined, ada, code("123456")))
      assert.isFalse(yield* verify(new Uint8Array(0), ada, code("123456")))
      assert.isFalse(yield* verify(kept.subarray(0, 31), ada, code("123456")))
      assert.isFalse(yield* verify(new Uint8Array(32), ada, code("123456")))
    })
  )

  it.effect("takes codes of a secret that is on its way out, and none of another", () =>
    Effect.gen(function* () {
      const before = yield* (yield* hasher(old)).hash(ada, code("123456"))
      const rotating = yield* hasher(present, old)
      assert.isTrue(yield* rotating.verify(before, ada, code("123456")))
      assert.isFalse(yield* rotating.verify(before, ada, code("123457")))
      const now = yield* rotating.hash(ada, code("123456"))
      const after = yield* hasher(present)
      assert.isTrue(yield* after.verify(now, ada, code("123456")))
      assert.isFalse(yield* after.verify(before, ada, code("123456")))
    })
  )

  it.effect("hashes with a key of its own, which is not the secret itself", () =>
    Effect.gen(function* () {
      const kept = yield* (yield* hasher(present)).hash(ada, code("123456"))
      assert.lengthOf(kept, 32)
      const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest()
      assert.notDeepEqual(Buffer.from(kept), hmac(present, "1234567:123456"))
      assert.deepEqual(Buffer.from(kept), hmac(hmac(present, "rookery passcodes"), "1234567:123456"))
    })
  )
})
