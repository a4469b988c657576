import { createHmac } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Fiber, Option, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { decodeJwt, decodeProtectedHeader, SignJWT } from "jose"
import type { TokensOptions } from "../../../src/adapters/jwt/SigningKeys.ts"
import { TokensJose } from "../../../src/adapters/jwt/TokensJose.ts"
import { AccountId } from "../../../src/domain/accounts/Account.ts"
import { SessionId } from "../../../src/domain/accounts/Session.ts"
import { InvalidToken, type RefreshGrant, Tokens } from "../../../src/domain/accounts/Tokens.ts"
import { tokensContract } from "../../contracts/tokensContract.ts"

const secret = "0123456789abcdef0123456789abcdef"
const options: TokensOptions = { secrets: [Redacted.make(secret)], issuer: "rookery", audience: "rookery" }
const Jose = TokensJose(options)

const session = { id: SessionId.make("7a1c1f0e-0d0b-4c53-9d59-0f2a3f7b3a51"), accountId: AccountId.make(42) }
const grant: RefreshGrant = { purpose: "refresh", generation: 7, issuedAt: DateTime.makeUnsafe(1_763_653_400_500) }

const sign = Effect.fnUntraced(function* (purpose: "access" | "refresh") {
  const tokens = yield* Tokens
  const expiresAt = DateTime.add(yield* DateTime.now, { minutes: 15 })
  return Redacted.value(yield* tokens.sign(session, purpose === "access" ? { purpose, expiresAt } : grant))
})

const verify = (token: string) => Tokens.use((tokens) => tokens.verify(token))

const refuses = (token: string, why: string) =>
  Effect.map(Effect.flip(verify(token)), (error) => assert.deepStrictEqual(error, new InvalidToken(), why))

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

tokensContract("jose", Jose)

describe("TokensJose", () => {
  it.effect("names issuer, audience, account, session, purpose, times and itself", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_763_653_460_123)
      const access = yield* sign("access")
      const { jti, ...claims } = decodeJwt(access)
      assert.deepStrictEqual(claims, {
        iss: "rookery",
        aud: "rookery",
        sub: "42",
        sid: session.id,
        purpose: "access",
        iat: 1_763_653_460.123,
        exp: 1_763_653_460.123 + 900
      })
      assert.match(String(jti), /^[0-9a-f-]{36}$/)
      const { kid, ...header } = decodeProtectedHeader(access)
      assert.deepStrictEqual(header, { alg: "HS256", typ: "at+jwt" })
      assert.match(String(kid), /^[A-Za-z0-9_-]{11}$/)

      const refresh = yield* sign("refresh")
      assert.strictEqual(decodeProtectedHeader(refresh).typ, "rt+jwt")
      assert.deepStrictEqual(decodeJwt(refresh), {
        iss: "rookery",
        aud: "rookery",
        sub: "42",
        sid: session.id,
        purpose: "refresh",
        gen: 7,
        iat: 1_763_653_400.5,
        jti: `${session.id}/7`
      })
    }).pipe(Effect.provide(Jose))
  )

  it.effect("accepts the forgery that changes nothing, so that the refusals below mean something", () =>
    Effect.gen(function* () {
      const claims = yield* verify(yield* forge(yield* sign("access"), {}))
      assert.strictEqual(claims.accountId, 42)
    }).pipe(Effect.provide(Jose))
  )

  it.effect("refuses what another signed, or for another purpose, issuer, audience or time", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_763_653_460_000)
      const access = yield* sign("access")
      const refresh = yield* sign("refresh")
      yield* refuses(yield* forge(access, { secret: secret.replace("0", "1") }), "another secret")
      yield* refuses(yield* forge(access, { header: { kid: "AAAAAAAAAAA" } }), "another key id")
      yield* refuses(yield* forge(access, { header: { kid: undefined } }), "no key id")
      yield* refuses(yield* forge(access, { header: { typ: "rt+jwt" } }), "another type")
      yield* refuses(yield* forge(access, { header: { typ: "JWT" } }), "no type of ours")
      yield* refuses(yield* forge(refresh, { payload: { purpose: "access" } }), "another purpose")
      yield* refuses(yield* forge(access, { payload: { purpose: "verify-email" } }), "an unknown purpose")
      yield* refuses(yield* forge(access, { payload: { iss: "elsewhere" } }), "another issuer")
      yield* refuses(yield* forge(access, { payload: { aud: "elsewhere" } }), "another audience")
      yield* refuses(yield* forge(access, { payload: { sub: "nobody" } }), "no account")
      yield* refuses(yield* forge(access, { payload: { sub: "0" } }), "no account's id")
      yield* refuses(yield* forge(access, { payload: { sid: "1" } }), "no session's id")
      yield* refuses(yield* forge(access, { payload: { exp: 1_763_653_459.999 } }), "over")
      yield* refuses(yield* forge(access, { payload: { exp: undefined } }), "an access token without an end")
      yield* refuses(yield* forge(access, { payload: { nbf: 1_763_653_461 } }), "not yet")
      for (const gen of [-1, 0.5, "7", null]) {
        yield* refuses(yield* forge(refresh, { payload: { gen } }), `generation ${gen}`)
      }
    }).pipe(Effect.provide(Jose))
  )

  it.effect("refuses other algorithms, and none", () =>
    Effect.gen(function* () {
      const access = yield* sign("access")
      const [header, payload, signature] = access.split(".")
      const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")
      const { kid, typ } = decodeProtectedHeader(access)
      yield* refuses(yield* forge(access, { header: { alg: "HS512" }, secret: secret.repeat(2) }), "HS512")
      for (const alg of ["none", "None", "", "hs256", "HS384", "RS256", null, undefined]) {
        const other = encode({ alg, typ, kid })
        const mac = createHmac("sha256", secret).update(`${other}.${payload}`).digest("base64url")
        yield* refuses(`${other}.${payload}.`, `${alg}, unsigned`)
        yield* refuses(`${other}.${payload}.${mac}`, `${alg}`)
      }
      yield* refuses(`${header}.${payload}.`, "unsigned")
      yield* refuses(`${header}.${encode({ ...decodeJwt(access), sub: "43" })}.${signature}`, "another payload")
      const critical = encode({ alg: "HS256", typ, kid, crit: ["b64"], b64: false })
      const mac = createHmac("sha256", secret).update(`${critical}.${payload}`).digest("base64url")
      yield* refuses(`${critical}.${payload}.${mac}`, "an unencoded payload")
    }).pipe(Effect.provide(Jose))
  )

  it.effect("signs with the first secret and verifies with all, so that secrets can be rotated", () =>
    Effect.gen(function* () {
      const [older, newer] = [Redacted.make(secret), Redacted.make("fedcba9876543210fedcba9876543210")]
      const before = yield* Effect.provide(sign("access"), TokensJose({ ...options, secrets: [older] }))
      const during = TokensJose({ ...options, secrets: [newer, older] })
      const rotated = yield* Effect.provide(sign("access"), during)
      assert.notStrictEqual(decodeProtectedHeader(before).kid, decodeProtectedHeader(rotated).kid)
      yield* Effect.provide(verify(before), during)
      const after = TokensJose({ ...options, secrets: [newer] })
      yield* Effect.provide(verify(rotated), after)
      yield* Effect.provide(refuses(before, "a secret that is gone"), after)
    })
  )

  it.effect("takes a refresh token from before there were generations for the first", () =>
    Effect.gen(function* () {
      const jti = "0a7e8b6e-9d38-4f0f-8a8e-3f6a4b1c2d3e"
      const claims = yield* verify(yield* forge(yield* sign("refresh"), { payload: { gen: undefined, jti } }))
      assert(claims.purpose === "refresh")
      assert.strictEqual(claims.generation, 0)
    }).pipe(Effect.provide(Jose))
  )

  it.effect("signs again with the key that signed first, as long as that is there", () =>
    Effect.gen(function* () {
      const [older, newer] = [Redacted.make(secret), Redacted.make("fedcba9876543210fedcba9876543210")]
      const again = Effect.fnUntraced(function* (token: string) {
        const tokens = yield* Tokens
        const hash = yield* tokens.hash(Redacted.make(token))
        return Option.map(yield* tokens.signAgain(session, grant, hash), Redacted.value)
      })
      const before = yield* Effect.provide(sign("refresh"), TokensJose({ ...options, secrets: [older] }))
      const during = TokensJose({ ...options, secrets: [newer, older] })
      assert.deepStrictEqual(yield* Effect.provide(again(before), during), Option.some(before))
      assert.notStrictEqual(yield* Effect.provide(sign("refresh"), during), before)
      const after = TokensJose({ ...options, secrets: [newer] })
      assert.deepStrictEqual(yield* Effect.provide(again(before), after), Option.none())
    })
  )

  it.effect("answers for a known token without a promise", () =>
    Effect.gen(function* () {
      const token = yield* sign("access")
      yield* verify(token)
      const fiber = yield* Effect.forkChild(verify(token), { startImmediately: true })
      assert.isDefined(fiber.pollUnsafe())
      yield* Fiber.join(fiber)
    }).pipe(Effect.provide(Jose))
  )

  it.effect("remembers no token that was refused", () =>
    Effect.gen(function* () {
      const forged = yield* forge(yield* sign("access"), { payload: { aud: "elsewhere" } })
      for (const _ of [1, 2]) yield* refuses(forged, "another audience")
    }).pipe(Effect.provide(Jose))
  )

  it.effect("refuses a long token before it looks at it", () =>
    Effect.gen(function* () {
      const access = yield* sign("access")
      yield* verify(yield* forge(access, { payload: { padding: "x".repeat(2000) } }))
      yield* refuses(yield* forge(access, { payload: { padding: "x".repeat(3000) } }), "over 4 KiB")
    }).pipe(Effect.provide(Jose))
  )
})
