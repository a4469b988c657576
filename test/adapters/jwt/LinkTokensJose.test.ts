import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer, Redacted } from "effect"
import { decodeJwt, decodeProtectedHeader, SignJWT } from "jose"
import { LinkTokensJose } from "../../../src/adapters/jwt/LinkTokensJose.ts"
import type { TokensOptions } from "../../../src/adapters/jwt/SigningKeys.ts"
import { TokensJose } from "../../../src/adapters/jwt/TokensJose.ts"
import { AccountId } from "../../../src/domain/accounts/Account.ts"
import { LinkTokens } from "../../../src/domain/accounts/LinkTokens.ts"
import { InvalidToken, Tokens } from "../../../src/domain/accounts/Tokens.ts"
import {
  linkTokensContract,
  passwordReset,
  refusesLink,
  signLink,
  verification
} from "../../contracts/linkTokensContract.ts"

const secret = "0123456789abcdef0123456789abcdef"
const other = "fedcba9876543210fedcba9876543210"
const options: TokensOptions = { secrets: [Redacted.make(secret)], issuer: "rookery", audience: "rookery" }

/** The same token, signed again after a change. */
const forge = (
  token: string,
  change: { header?: Record<string, unknown>; payload?: Record<string, unknown>; secret?: string }
) =>
  Effect.promise(() =>
    new SignJWT({ ...decodeJwt(token), ...change.payload })
      .setProtectedHeader({ alg: "HS256", ...decodeProtectedHeader(token), ...change.header })
      .sign(new TextEncoder().encode(change.secret ?? secret))
  )

linkTokensContract("jose", LinkTokensJose(options))

describe("LinkTokensJose", () => {
  it.effect("refuses what is signed by another, or for another, or says anything else", () =>
    Effect.gen(function* () {
      const tokens = yield* LinkTokens
      for (const grant of [verification, passwordReset]) {
        const token = yield* signLink(grant)
        yield* tokens.verify(yield* forge(token, {}), grant.purpose)
        yield* refusesLink(yield* forge(token, { secret: other }), "another secret")
        yield* refusesLink(yield* forge(token, { header: { kid: "x" } }), "another key")
        yield* refusesLink(yield* forge(token, { header: { kid: undefined } }), "no key")
        yield* refusesLink(yield* forge(token, { header: { typ: "JWT" } }), "another type")
        yield* refusesLink(yield* forge(token, { header: { typ: undefined } }), "no type")
        for (const payload of [
          { iss: "other" },
          { aud: "other" },
          { sub: "0" },
          { sub: undefined },
          { email: "nobody" },
          { purpose: "access" },
          { exp: undefined }
        ]) {
          yield* refusesLink(yield* forge(token, { payload }), JSON.stringify(payload))
        }
      }
      const reset = yield* signLink(passwordReset)
      yield* refusesLink(yield* forge(reset, { payload: { fpr: undefined } }), "no fingerprint")
      const renamed = { header: { typ: "verify+jwt" }, payload: { purpose: "passwordReset" } }
      yield* refusesLink(yield* forge(reset, renamed), "the type of one and the purpose of the other")
    }).pipe(Effect.provide(LinkTokensJose(options)))
  )

  it.effect("takes links of a secret that no longer signs", () =>
    Effect.gen(function* () {
      const token = yield* Effect.provide(signLink(verification), LinkTokensJose(options))
      const rotated = { ...options, secrets: [Redacted.make(other), Redacted.make(secret)] } as const
      const tokens = yield* Effect.provide(LinkTokens, LinkTokensJose(rotated))
      assert.deepStrictEqual<unknown>(yield* tokens.verify(token, "verification"), verification)
    })
  )

  it.effect("makes nothing that passes for a session's token, nor takes one for a link", () =>
    Effect.gen(function* () {
      const sessions = yield* Tokens
      for (const grant of [verification, passwordReset]) {
        const token = yield* signLink(grant)
        const sid = { sid: "7a1c1f0e-0d0b-4c53-9d59-0f2a3f7b3a51", jti: "1" }
        for (const link of [token, yield* forge(token, { payload: sid })]) {
          assert.deepStrictEqual(yield* Effect.flip(sessions.verify(link)), new InvalidToken())
        }
      }
      const link = yield* signLink(verification)
      for (const typ of ["at+jwt", "rt+jwt"]) {
        const payload = {
          purpose: typ === "at+jwt" ? "access" : "refresh",
          sid: "7a1c1f0e-0d0b-4c53-9d59-0f2a3f7b3a51",
          jti: "1"
        }
        const session = yield* forge(link, { header: { typ }, payload })
        assert.strictEqual((yield* sessions.verify(session)).accountId, AccountId.make(42))
        yield* refusesLink(session, typ)
      }
    }).pipe(Effect.provide(Layer.merge(LinkTokensJose(options), TokensJose(options))))
  )

  it.effect("says what it is for, and no more", () =>
    Effect.gen(function* () {
      const token = yield* signLink(passwordReset, Duration.toMillis("1 hour"))
      const { exp, ...claims } = decodeJwt(token)
      assert.deepStrictEqual<unknown>(claims, {
        iss: "rookery",
        aud: "rookery",
        sub: "42",
        email: passwordReset.email,
        purpose: "passwordReset",
        fpr: "abc"
      })
      assert.strictEqual(exp, DateTime.toEpochMillis(yield* DateTime.now) / 1000 + 3600)
    }).pipe(Effect.provide(LinkTokensJose(options)))
  )
})
