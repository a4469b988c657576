import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { AccountId, PasswordHash } from "../../src/domain/accounts/Account.ts"
import { InvalidLink, type LinkGrant, type LinkPurpose, LinkTokens } from "../../src/domain/accounts/LinkTokens.ts"
import { EmailAddress } from "../../src/domain/shared/EmailAddress.ts"

const holder = { accountId: AccountId.make(42), email: EmailAddress.make("Ada+'=@Example.com") }

export const verification: LinkGrant = { purpose: "verification", ...holder }
export const passwordReset: LinkGrant = { purpose: "passwordReset", ...holder, fingerprint: "abc" }

export const signLink = Effect.fnUntraced(function* (grant: LinkGrant, milliseconds = 1_000_000) {
  const tokens = yield* LinkTokens
  return Redacted.value(yield* tokens.sign(grant, DateTime.add(yield* DateTime.now, { milliseconds })))
})

export const refusesLink = Effect.fnUntraced(function* (token: string, why: string) {
  const tokens = yield* LinkTokens
  const purposes: ReadonlyArray<LinkPurpose> = ["verification", "passwordReset"]
  for (const purpose of purposes) {
    assert.deepStrictEqual(yield* Effect.flip(tokens.verify(token, purpose)), new InvalidLink(), why)
  }
})

/** Every LinkTokens must pass this, whatever it signs with. */
export const linkTokensContract = <E>(name: string, adapter: Layer.Layer<LinkTokens, E>) =>
  layer(adapter)(`LinkTokens: ${name}`, (it) => {
    it.effect("says what a link was made for, however often it is opened", () =>
      Effect.gen(function* () {
        const tokens = yield* LinkTokens
        const [verify, reset] = [yield* signLink(verification), yield* signLink(passwordReset)]
        for (const _ of [1, 2]) {
          assert.deepStrictEqual<LinkGrant>(yield* tokens.verify(verify, "verification"), verification)
          assert.deepStrictEqual<LinkGrant>(yield* tokens.verify(reset, "passwordReset"), passwordReset)
        }
      })
    )

    it.effect("lets a link serve no other purpose", () =>
      Effect.gen(function* () {
        const tokens = yield* LinkTokens
        const [verify, reset] = [yield* signLink(verification), yield* signLink(passwordReset)]
        assert.deepStrictEqual(yield* Effect.flip(tokens.verify(verify, "passwordReset")), new InvalidLink())
        assert.deepStrictEqual(yield* Effect.flip(tokens.verify(reset, "verification")), new InvalidLink())
      })
    )

    it.effect("refuses a link from the moment that it ends", () =>
      Effect.gen(function* () {
        const tokens = yield* LinkTokens
        yield* TestClock.adjust("123 millis")
        const token = yield* signLink(verification, 1500)
        yield* TestClock.adjust("1499 millis")
        yield* tokens.verify(token, "verification")
        yield* TestClock.adjust("1 millis")
        yield* refusesLink(token, "over")
      })
    )

    it.effect("refuses what is no link, and one with anything changed", () =>
      Effect.gen(function* () {
        const token = yield* signLink(verification)
        const others = [
          "",
          ".",
          "a.b.c",
          "\u0000",
          token.slice(1),
          token.slice(0, -1),
          `${token}A`,
          ` ${token}`,
          `${token}=`,
          token.repeat(50),
          ...[..."AQgw_-"].map((last) => token.slice(0, -1) + last).filter((other) => other !== token)
        ]
        for (const other of others) yield* refusesLink(other, other.slice(0, 40))
      })
    )

    it.effect("has another fingerprint for another hash, and always the same for one", () =>
      Effect.gen(function* () {
        const tokens = yield* LinkTokens
        const hashes = [
          "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
          "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaB",
          ""
        ]
        const all = hashes.map((hash) => PasswordHash.make(hash))
        const first = yield* Effect.forEach(all, tokens.fingerprint)
        assert.deepStrictEqual(yield* Effect.forEach(all, tokens.fingerprint), first)
        assert.strictEqual(new Set(first).size, 3)
        for (const [n, fingerprint] of first.entries()) {
          assert.isNotEmpty(fingerprint)
          assert.notInclude(fingerprint, hashes[n]?.slice(-6) || "$")
        }
      })
    )
  })
