import { assert, describe } from "@effect/vitest"
import { DateTime, Effect, Layer, Option, Redacted, Ref } from "effect"
import { fastHash } from "../../../src/adapters/memory/PasswordHasherMemory.ts"
import { EmailNotVerified } from "../../../src/application/accounts/EmailVerification.ts"
import { Sessions } from "../../../src/application/accounts/Sessions.ts"
import { InvalidCredentials, SignIn } from "../../../src/application/accounts/SignIn.ts"
import { Account } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { PasswordHasher } from "../../../src/domain/accounts/PasswordHasher.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { test, testOn } from "../RookeryTest.ts"
import { ada, adasEmail, InterruptedHasher, lifetimes, Meanwhile, password, right, signIn } from "./AccountWorld.ts"

const wrong = password("wrong horse")
const yesterdays = 1

/** An account whose password was hashed at another cost than today's, if any is said. */
const someAccount = Effect.fnUntraced(function* (madeAt?: number) {
  const accounts = yield* AccountRepository
  const passwordHash = fastHash(Redacted.value(right), madeAt)
  const names = { username: ada, email: adasEmail, firstName: null, lastName: null }
  return yield* accounts.insert({ ...names, passwordHash }, yield* DateTime.now)
})

const hashOf = (identifier: string) =>
  AccountRepository.use((accounts) => accounts.findCredentials(identifier)).pipe(
    Effect.map((found) => Option.getOrThrow(found).passwordHash)
  )

/** Sign-in during which something else happens, just after the password was looked at. */
const testMeanwhile = testOn(
  SignIn.layer({ emailVerification: "required" }).pipe(
    Layer.provideMerge(InterruptedHasher),
    Layer.provideMerge(Sessions.layer(lifetimes)),
    Layer.provideMerge(MemoryPorts)
  )
)

describe("SignIn", () => {
  test(
    "opens a session by name or address in any case",
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id } = yield* someAccount()
      for (const identifier of ["Ada", "ada", "ADA@EXAMPLE.COM"]) {
        const { accessToken, refreshToken, session } = yield* signIn(identifier, { userAgent: "curl/8.5.0" })
        assert.strictEqual(session.accountId, id)
        assert.strictEqual(session.dialect, "classic")
        assert.strictEqual(session.userAgent, "curl/8.5.0")
        assert.isNotNull(refreshToken)
        assert.deepStrictEqual(yield* sessions.authenticate(Redacted.value(accessToken)), session)
      }
    })
  )

  test(
    "gives no refresh token where there is no refresh step",
    Effect.gen(function* () {
      yield* someAccount()
      assert.isNull((yield* signIn("ada", { refreshable: false })).refreshToken)
    })
  )

  test(
    "says the same of an unknown account and of a wrong password",
    Effect.gen(function* () {
      yield* someAccount()
      const nothing = Redacted.make("")
      for (const attempt of [
        signIn("ada", { password: wrong }),
        signIn("ada", { password: nothing }),
        signIn("nobody"),
        signIn("\u0000@")
      ]) {
        assert.deepStrictEqual(yield* Effect.flip(attempt), new InvalidCredentials())
      }
    })
  )

  test(
    "verifies a password as often for an unknown account as for a known one",
    Effect.gen(function* () {
      const seen = yield* Ref.make<ReadonlyArray<boolean>>([])
      const Counting = Layer.effect(
        PasswordHasher,
        PasswordHasher.useSync((hasher) =>
          PasswordHasher.of({
            ...hasher,
            verify: (hash, password) =>
              Effect.andThen(
                Ref.update(seen, (before) => [...before, hash !== undefined]),
                hasher.verify(hash, password)
              )
          })
        )
      )
      yield* someAccount()
      yield* Effect.gen(function* () {
        yield* Effect.flip(signIn("ada", { password: wrong }))
        yield* Effect.flip(signIn("nobody", { password: wrong }))
        yield* Effect.flip(signIn("not an identifier", { password: wrong }))
      }).pipe(
        Effect.provide(Layer.fresh(SignIn.layer({ emailVerification: "required" })).pipe(Layer.provide(Counting)))
      )
      assert.deepStrictEqual(yield* Ref.get(seen), [true, false, false])
    })
  )

  test(
    "hashes a password anew that was hashed at a lower cost, once",
    Effect.gen(function* () {
      yield* someAccount(yesterdays)
      const old = yield* hashOf("ada")
      yield* Effect.flip(signIn("ada", { password: wrong }))
      assert.strictEqual(yield* hashOf("ada"), old)
      yield* signIn("ada")
      const today = yield* hashOf("ada")
      assert.notStrictEqual(today, old)
      yield* signIn("ada")
      assert.strictEqual(yield* hashOf("ada"), today)
    })
  )

  test(
    "takes an address on v1 only once it is verified, and a name before that",
    Effect.gen(function* () {
      const accounts = yield* AccountRepository
      const account = yield* someAccount()
      for (const identifier of ["ada@example.com", "ADA@EXAMPLE.COM"]) {
        assert.deepStrictEqual(yield* Effect.flip(signIn(identifier, { dialect: "v1" })), new EmailNotVerified())
      }
      yield* signIn("ada", { dialect: "v1" })
      yield* signIn("ada@example.com", { dialect: "classic" })
      yield* signIn("ada@example.com", { dialect: "talk" })
      yield* accounts.save(new Account({ ...account, emailVerifiedAt: account.createdAt }), account.createdAt)
      const { session } = yield* signIn("ada@example.com", { dialect: "v1" })
      assert.strictEqual(session.accountId, account.id)
    })
  )

  test(
    "tells nobody without the password that an address is not verified",
    Effect.gen(function* () {
      yield* someAccount()
      const attempt = signIn("ada@example.com", { dialect: "v1", password: wrong })
      assert.deepStrictEqual(yield* Effect.flip(attempt), new InvalidCredentials())
    })
  )

  testOn(
    SignIn.layer({ emailVerification: "off" }).pipe(
      Layer.provideMerge(Sessions.layer(lifetimes)),
      Layer.provideMerge(MemoryPorts)
    )
  )(
    "takes any address where none has to be verified",
    Effect.gen(function* () {
      const { id } = yield* someAccount()
      assert.strictEqual((yield* signIn("ada@example.com", { dialect: "v1" })).session.accountId, id)
    })
  )

  testMeanwhile(
    "opens no session by a password that was replaced meanwhile",
    Effect.gen(function* () {
      const [accounts, meanwhile, sessions] = [yield* AccountRepository, yield* Meanwhile, yield* Sessions]
      const { id } = yield* someAccount()
      const previous = yield* hashOf("ada")
      meanwhile.happens = Effect.asVoid(accounts.savePasswordHash(id, fastHash("another one"), previous))
      assert.deepStrictEqual(yield* Effect.flip(signIn("ada")), new InvalidCredentials())
      assert.deepStrictEqual(yield* sessions.list(id), [])
    })
  )

  testMeanwhile(
    "opens one by a password that was only hashed anew meanwhile",
    Effect.gen(function* () {
      const meanwhile = yield* Meanwhile
      const { id } = yield* someAccount(yesterdays)
      meanwhile.happens = Effect.orDie(
        Effect.asVoid(signIn("ada")).pipe(Effect.provide(yield* Effect.context<SignIn>()))
      )
      assert.strictEqual((yield* signIn("ada")).session.accountId, id)
    })
  )

  testMeanwhile(
    "opens none for an account that was deleted meanwhile",
    Effect.gen(function* () {
      const [accounts, meanwhile] = [yield* AccountRepository, yield* Meanwhile]
      const { id } = yield* someAccount()
      meanwhile.happens = Effect.orDie(Effect.asVoid(accounts.delete(id)))
      assert.deepStrictEqual(yield* Effect.flip(signIn("ada")), new InvalidCredentials())
    })
  )
})
