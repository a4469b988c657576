import { assert, describe } from "@effect/vitest"
import { DateTime, Effect, Layer, Option, Redacted, Ref } from "effect"
import { fastHash } from "../../../src/adapters/memory/PasswordHasherMemory.ts"
import { Sessions } from "../../../src/application/accounts/Sessions.ts"
import { InvalidCredentials, SignIn } from "../../../src/application/accounts/SignIn.ts"
import { Username } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { PasswordHasher } from "../../../src/domain/accounts/PasswordHasher.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import { test } from "../RookeryTest.ts"

const right = "correct horse"
const yesterdays = 1

/** An account whose password was hashed at another cost than today's, if any is said. */
const someAccount = Effect.fnUntraced(function* (madeAt?: number) {
  const accounts = yield* AccountRepository
  const names = { firstName: null, lastName: null, passwordHash: fastHash(right, madeAt) }
  const [username, email] = [Username.make("Ada"), EmailAddress.make("Ada@example.com")]
  return yield* accounts.insert({ username, email, ...names }, yield* DateTime.now)
})

const signIn = (identifier: string, password = right, refreshable = true) =>
  SignIn.use(({ withPassword }) =>
    withPassword({ identifier, password: Redacted.make(password), dialect: "classic", refreshable })
  )
const hashOf = (identifier: string) =>
  AccountRepository.use((accounts) => accounts.findCredentials(identifier)).pipe(
    Effect.map((found) => Option.getOrThrow(found).passwordHash)
  )

describe("SignIn", () => {
  test(
    "opens a session by name or address in any case",
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* someAccount()
      for (const identifier of ["Ada", "ada", "ADA@EXAMPLE.COM"]) {
        const { accessToken, refreshToken, session } = yield* signIn(identifier)
        assert.strictEqual(session.accountId, id)
        assert.strictEqual(session.dialect, "classic")
        assert.isNotNull(refreshToken)
        assert.deepStrictEqual(yield* sessions.authenticate(Redacted.value(accessToken)), session)
      }
    })
  )

  test(
    "gives no refresh token where there is no refresh step",
    Effect.gen(function* () {
      yield* someAccount()
      assert.isNull((yield* signIn("ada", right, false)).refreshToken)
    })
  )

  test(
    "says the same of an unknown account and of a wrong password",
    Effect.gen(function* () {
      yield* someAccount()
      for (const attempt of [signIn("ada", "wrong horse"), signIn("ada", ""), signIn("nobody"), signIn("\u0000@")]) {
        assert.deepStrictEqual(yield* Effect.flip(attempt), new InvalidCredentials())
      }
    })
  )

  test(
    "verifies a password as often for an unknown account as for a known one",
    Effect.gen(function* () {
      const verified = yield* Ref.make<ReadonlyArray<boolean>>([])
      const Counting = Layer.effect(
        PasswordHasher,
        PasswordHasher.useSync((hasher) =>
          PasswordHasher.of({
            ...hasher,
            verify: (hash, password) =>
              Effect.andThen(
                Ref.update(verified, (before) => [...before, hash !== undefined]),
                hasher.verify(hash, password)
              )
          })
        )
      )
      yield* someAccount()
      yield* Effect.gen(function* () {
        yield* Effect.flip(signIn("ada", "wrong horse"))
        yield* Effect.flip(signIn("nobody", "wrong horse"))
        yield* Effect.flip(signIn("not an identifier", "wrong horse"))
      }).pipe(Effect.provide(Layer.fresh(SignIn.layer).pipe(Layer.provide(Counting))))
      assert.deepStrictEqual(yield* Ref.get(verified), [true, false, false])
    })
  )

  test(
    "hashes a password anew that was hashed at a lower cost, once",
    Effect.gen(function* () {
      yield* someAccount(yesterdays)
      const old = yield* hashOf("ada")
      yield* Effect.flip(signIn("ada", "wrong horse"))
      assert.strictEqual(yield* hashOf("ada"), old)
      yield* signIn("ada")
      const today = yield* hashOf("ada")
      assert.notStrictEqual(today, old)
      yield* signIn("ada")
      assert.strictEqual(yield* hashOf("ada"), today)
    })
  )
})
