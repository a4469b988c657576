import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer, Option, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { AccountId } from "../../src/domain/accounts/Account.ts"
import { SessionId } from "../../src/domain/accounts/Session.ts"
import { InvalidToken, type RefreshGrant, Tokens } from "../../src/domain/accounts/Tokens.ts"

const session = { id: SessionId.make("7a1c1f0e-0d0b-4c53-9d59-0f2a3f7b3a51"), accountId: AccountId.make(42) }

const grant = (generation: number, issuedAt = "2026-01-01T00:00:00.123Z"): RefreshGrant => ({
  purpose: "refresh",
  generation,
  issuedAt: DateTime.makeUnsafe(issuedAt)
})

const signAccess = Effect.fnUntraced(function* (lifetime: { readonly milliseconds: number }) {
  const tokens = yield* Tokens
  const expiresAt = DateTime.add(yield* DateTime.now, lifetime)
  return { token: Redacted.value(yield* tokens.sign(session, { purpose: "access", expiresAt })), expiresAt }
})

/** Every Tokens must pass this, whatever it signs with. */
export const tokensContract = <E>(name: string, adapter: Layer.Layer<Tokens, E>) =>
  layer(adapter)(`Tokens: ${name}`, (it) => {
    it.effect("says of an access token what it was signed for, however often it is asked", () =>
      Effect.gen(function* () {
        const tokens = yield* Tokens
        const { expiresAt, token } = yield* signAccess({ milliseconds: 900_000 })
        for (const _ of [1, 2, 3]) {
          const claims = yield* tokens.verify(token)
          assert(claims.purpose === "access")
          assert.strictEqual(claims.sessionId, session.id)
          assert.strictEqual(claims.accountId, session.accountId)
          assert.deepStrictEqual(claims.expiresAt, expiresAt)
        }
      })
    )

    it.effect("lets a refresh token last as long as its session is asked for", () =>
      Effect.gen(function* () {
        const tokens = yield* Tokens
        for (const generation of [0, 1, 2 ** 31 - 1]) {
          const token = Redacted.value(yield* tokens.sign(session, grant(generation)))
          yield* TestClock.adjust("400 days")
          const claims = yield* tokens.verify(token)
          assert(claims.purpose === "refresh")
          assert.strictEqual(claims.sessionId, session.id)
          assert.strictEqual(claims.accountId, session.accountId)
          assert.strictEqual(claims.generation, generation)
        }
      })
    )

    it.effect("refuses an access token from the moment that it ends, known or not", () =>
      Effect.gen(function* () {
        const tokens = yield* Tokens
        yield* TestClock.adjust("123 millis")
        const known = yield* signAccess({ milliseconds: 1500 })
        const unknown = yield* signAccess({ milliseconds: 1500 })
        yield* TestClock.adjust("1499 millis")
        yield* tokens.verify(known.token)
        yield* TestClock.adjust("1 millis")
        assert.deepStrictEqual(yield* Effect.flip(tokens.verify(known.token)), new InvalidToken())
        assert.deepStrictEqual(yield* Effect.flip(tokens.verify(known.token)), new InvalidToken())
        assert.deepStrictEqual(yield* Effect.flip(tokens.verify(unknown.token)), new InvalidToken())
      })
    )

    it.effect("signs no two access tokens alike", () =>
      Effect.gen(function* () {
        const access = yield* Effect.forEach([1, 2, 3], () => signAccess({ milliseconds: 900_000 }))
        assert.strictEqual(new Set(access.map((_) => _.token)).size, 3)
      })
    )

    it.effect("signs a refresh token the same way each time, and another one for anything else", () =>
      Effect.gen(function* () {
        const tokens = yield* Tokens
        const token = yield* tokens.sign(session, grant(3))
        yield* TestClock.adjust("9 seconds")
        assert.strictEqual(Redacted.value(yield* tokens.sign(session, grant(3))), Redacted.value(token))
        const others = yield* Effect.all([
          tokens.sign(session, grant(2)),
          tokens.sign(session, grant(4)),
          tokens.sign(session, grant(3, "2026-01-01T00:00:00.124Z")),
          tokens.sign({ ...session, id: SessionId.make("7a1c1f0e-0d0b-4c53-9d59-0f2a3f7b3a52") }, grant(3))
        ])
        assert.strictEqual(new Set([token, ...others].map(Redacted.value)).size, 5)
      })
    )

    it.effect("signs a refresh token again that has the hash which was kept of it", () =>
      Effect.gen(function* () {
        const tokens = yield* Tokens
        const token = yield* tokens.sign(session, grant(1))
        const hash = yield* tokens.hash(token)
        const again = yield* tokens.signAgain(session, grant(1), hash)
        assert.strictEqual(Redacted.value(Option.getOrThrow(again)), Redacted.value(token))
        assert.isTrue(Option.isNone(yield* tokens.signAgain(session, grant(2), hash)))
        assert.isTrue(Option.isNone(yield* tokens.signAgain(session, grant(1), hash.subarray(0, 31))))
      })
    )

    it.effect("refuses what is no token, and a token with anything changed", () =>
      Effect.gen(function* () {
        const tokens = yield* Tokens
        const { token } = yield* signAccess({ milliseconds: 900_000 })
        yield* tokens.verify(token)
        const last = token.at(-1)
        // Base64 has several spellings of the same last byte.
        const altered = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="].filter(
          (_) => _ !== last
        )
        const others = [
          "",
          ".",
          "..",
          "a.b.c",
          "null",
          "\u0000",
          token.slice(1),
          token.slice(0, -1),
          `${token}A`,
          ` ${token}`,
          `${token} `,
          `${token}=`,
          `${token.slice(0, -3)}\n${token.slice(-3)}`,
          token.repeat(50),
          ...altered.map((character) => token.slice(0, -1) + character)
        ]
        for (const other of others) {
          assert.deepStrictEqual(yield* Effect.flip(tokens.verify(other)), new InvalidToken(), other.slice(0, 40))
        }
      })
    )

    it.effect("keeps of a token its SHA-256", () =>
      Effect.gen(function* () {
        const tokens = yield* Tokens
        const hash = yield* tokens.hash(Redacted.make("abc"))
        assert.strictEqual(
          Buffer.from(hash).toString("hex"),
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
      })
    )
  })
