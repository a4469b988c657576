import { assert, it } from "@effect/vitest"
import * as argon2 from "@node-rs/argon2"
import { Effect, Fiber, Redacted } from "effect"
import { vi } from "vitest"
import { PasswordHasherArgon2 } from "../../../src/adapters/argon2/PasswordHasherArgon2.ts"
import { PasswordHash } from "../../../src/domain/accounts/Account.ts"
import { PasswordHasher } from "../../../src/domain/accounts/PasswordHasher.ts"
import { passwordHasherContract } from "../../contracts/passwordHasherContract.ts"

vi.mock(import("@node-rs/argon2"), async (original) => {
  const { hash, verify, ...rest } = await original()
  return { ...rest, hash: vi.fn<typeof hash>(hash), verify: vi.fn<typeof verify>(verify) }
})
const { hash, verify } = vi.mocked(argon2)

const password = Redacted.make("correct horse battery staple")

passwordHasherContract("argon2", PasswordHasherArgon2)

it.effect("hashes with Argon2id at OWASP's parameters", () =>
  Effect.gen(function* () {
    const hasher = yield* PasswordHasher
    assert.match(
      yield* hasher.hash(password),
      /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/
    )
  }).pipe(Effect.provide(PasswordHasherArgon2))
)

it.effect("does the same work for an unknown account and a hash that can't be read as for a wrong password", () =>
  Effect.gen(function* () {
    const hasher = yield* PasswordHasher
    const stored = yield* hasher.hash(password)
    hash.mockClear()
    for (const against of [stored, undefined, PasswordHash.make("nonsense")]) {
      verify.mockClear()
      yield* hasher.verify(against, Redacted.make("wrong"))
      assert.strictEqual(verify.mock.calls.length, 1)
      const { memoryCost, parallelism, timeCost } = argon2.parseOptions(verify.mock.calls[0]?.[0] ?? "")
      assert.deepStrictEqual({ memoryCost, parallelism, timeCost }, { memoryCost: 19456, parallelism: 1, timeCost: 2 })
    }
    assert.strictEqual(hash.mock.calls.length, 0, "the hash of nobody is made once")
  }).pipe(Effect.provide(PasswordHasherArgon2))
)

it.effect("asks for a new hash where the parameters were lower than today's", () =>
  Effect.gen(function* () {
    const hasher = yield* PasswordHasher
    const made = (options: argon2.Options) =>
      Effect.map(
        Effect.promise(() => argon2.hash(Redacted.value(password), options)),
        (hash) => PasswordHash.make(hash)
      )
    const today = { memoryCost: 19456, timeCost: 2, parallelism: 1 }
    const weaker = [
      { ...today, memoryCost: 19455 },
      { ...today, timeCost: 1 },
      { ...today, algorithm: 1 },
      { ...today, version: 0 }
    ]
    for (const options of weaker) {
      const verdict = yield* hasher.verify(yield* made(options), password)
      assert.deepStrictEqual(verdict, { matches: true, needsRehash: true }, JSON.stringify(options))
    }
    const stronger = yield* hasher.verify(yield* made({ memoryCost: 20000, timeCost: 3, parallelism: 2 }), password)
    assert.deepStrictEqual(stronger, { matches: true, needsRehash: false })
  }).pipe(Effect.provide(PasswordHasherArgon2))
)

it.effect("keeps two threads busy at most, also when callers go away", () =>
  Effect.gen(function* () {
    const hasher = yield* PasswordHasher
    let running = 0
    let most = 0
    hash.mockImplementation(async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running--
      return "hash"
    })
    const fibers = yield* Effect.forEach(Array.from({ length: 8 }), () =>
      Effect.forkChild(hasher.hash(password), { startImmediately: true })
    )
    const gone = yield* Effect.forkChild(Fiber.interruptAll(fibers.slice(0, 3)), { startImmediately: true })
    yield* Fiber.joinAll(fibers.slice(3))
    yield* Fiber.join(gone)
    assert.strictEqual(most, 2)
    assert.strictEqual(running, 0)
  }).pipe(Effect.provide(PasswordHasherArgon2), Effect.ensuring(Effect.sync(() => hash.mockReset())))
)
