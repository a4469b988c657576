import { randomBytes } from "node:crypto"
import { hash as argon2Hash, parseOptions, verify as argon2Verify } from "@node-rs/argon2"
import { Effect, Layer, Redacted, Semaphore } from "effect"
import { PasswordHash } from "../../domain/accounts/Account.ts"
import { PasswordHasher } from "../../domain/accounts/PasswordHasher.ts"

/**
 * OWASP's parameters for Argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane. The library takes
 * Argon2id and version 19 (RFC 9106) by itself; its enums for them exist only at compile time.
 */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

const argon2id = 2
const version19 = 1

/**
 * How many hashes are computed at once. They run on libuv's four threads, which files and name lookups need as well;
 * each takes 19 MiB.
 */
const concurrency = 2

/** A verdict is asked for anything that a store may hold: what can't be read is nobody's hash. */
const parametersOf = (hash: string) => {
  try {
    return parseOptions(hash)
  } catch {
    return undefined
  }
}

export const PasswordHasherArgon2 = Layer.effect(
  PasswordHasher,
  Effect.gen(function* () {
    const threads = yield* Semaphore.make(concurrency)

    // Native work can't be called back: an interrupted caller keeps its permit until the thread is free again.
    const onThread = <A>(work: () => Promise<A>) => threads.withPermit(Effect.uninterruptible(Effect.promise(work)))

    const hash = Effect.fn("PasswordHasher.hash")(function* (password: Redacted.Redacted<string>) {
      return PasswordHash.make(yield* onThread(() => argon2Hash(Redacted.value(password), parameters)))
    })

    /** Nobody knows its password. Verified against where there is no hash, so that this costs the same. */
    const nobodys = yield* hash(Redacted.make(randomBytes(32).toString("base64url")))

    const verify = Effect.fn("PasswordHasher.verify")(function* (
      stored: PasswordHash | undefined,
      password: Redacted.Redacted<string>
    ) {
      const made = stored === undefined ? undefined : parametersOf(stored)
      if (stored !== undefined && made === undefined) yield* Effect.logError("A stored password hash can't be read")
      const known = stored !== undefined && made !== undefined
      const same = yield* onThread(() =>
        argon2Verify(known ? stored : nobodys, Redacted.value(password)).catch(() => false)
      )
      return {
        matches: known && same,
        needsRehash:
          made !== undefined &&
          (made.algorithm !== argon2id ||
            made.version !== version19 ||
            made.memoryCost < parameters.memoryCost ||
            made.timeCost < parameters.timeCost ||
            made.parallelism < parameters.parallelism)
      }
    })

    return PasswordHasher.of({ hash, verify })
  })
)
