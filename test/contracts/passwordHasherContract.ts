import { assert, layer } from "@effect/vitest"
import { Effect, type Layer, Redacted } from "effect"
import { PasswordHash } from "../../src/domain/accounts/Account.ts"
import { PasswordHasher } from "../../src/domain/accounts/PasswordHasher.ts"

const password = Redacted.make("correct horse battery staple")

/** Every PasswordHasher must pass this, whatever it hashes with. */
export const passwordHasherContract = <E>(name: string, adapter: Layer.Layer<PasswordHasher, E>) =>
  layer(adapter)(`PasswordHasher: ${name}`, (it) => {
    it.effect("knows the password that it hashed", () =>
      Effect.gen(function* () {
        const hasher = yield* PasswordHasher
        const hash = yield* hasher.hash(password)
        assert.deepStrictEqual(yield* hasher.verify(hash, password), { matches: true, needsRehash: false })
      })
    )

    it.effect("refuses another password", () =>
      Effect.gen(function* () {
        const hasher = yield* PasswordHasher
        const hash = yield* hasher.hash(password)
        for (const other of ["correct horse battery stapl", "Correct horse battery staple", "", "ü".repeat(512)]) {
          const verdict = yield* hasher.verify(hash, Redacted.make(other))
          assert.deepStrictEqual(verdict, { matches: false, needsRehash: false }, other)
        }
      })
    )

    it.effect("reads every byte of the longest password", () =>
      Effect.gen(function* () {
        const hasher = yield* PasswordHasher
        const longest = `${"ü".repeat(511)}`
        const hash = yield* hasher.hash(Redacted.make(`${longest}ab`))
        assert.isTrue((yield* hasher.verify(hash, Redacted.make(`${longest}ab`))).matches)
        assert.isFalse((yield* hasher.verify(hash, Redacted.make(`${longest}ac`))).matches)
      })
    )

    it.effect("makes another hash of the same password each time, without the password in it", () =>
      Effect.gen(function* () {
        const hasher = yield* PasswordHasher
        const [one, other] = [yield* hasher.hash(password), yield* hasher.hash(password)]
        assert.notStrictEqual(one, other)
        assert.notInclude(one, Redacted.value(password))
      })
    )

    it.effect("never matches without a hash", () =>
      Effect.gen(function* () {
        const hasher = yield* PasswordHasher
        assert.deepStrictEqual(yield* hasher.verify(undefined, password), { matches: false, needsRehash: false })
      })
    )

    it.effect("never matches a hash that can't be read", () =>
      Effect.gen(function* () {
        const hasher = yield* PasswordHasher
        for (const malformed of ["", "plain", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$", "$2b$10$x"]) {
          assert.isFalse((yield* hasher.verify(PasswordHash.make(malformed), password)).matches, malformed)
        }
      })
    )
  })
