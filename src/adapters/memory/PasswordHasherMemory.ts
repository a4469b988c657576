import { Effect, Layer, Redacted } from "effect"
import { createHash, randomBytes } from "node:crypto"
import { PasswordHash } from "../../domain/accounts/Account.ts"
import { PasswordHasher } from "../../domain/accounts/PasswordHasher.ts"

/** What today's hashes cost; a hash that says less is due to be made anew. */
const cost = 2

const digest = (salt: string, password: string) => createHash("sha256").update(salt).update(password).digest("hex")

/** A hash such as {@link PasswordHasherMemory} makes, of today's cost or another. */
export const fastHash = (password: string, madeAt = cost): PasswordHash => {
  const salt = randomBytes(8).toString("hex")
  return PasswordHash.make(`$fast$c=${madeAt}$${salt}$${digest(salt, password)}`)
}

/** Hashes that take no time, and so protect nothing: for tests alone. */
export const PasswordHasherMemory = Layer.succeed(
  PasswordHasher,
  PasswordHasher.of({
    hash: (password) => Effect.sync(() => fastHash(Redacted.value(password))),
    verify: (hash, password) =>
      Effect.sync(() => {
        const [, madeAt, salt, expected] = /^\$fast\$c=(\d+)\$([0-9a-f]{16})\$([0-9a-f]{64})$/.exec(hash ?? "") ?? []
        const matches = salt !== undefined && digest(salt, Redacted.value(password)) === expected
        return { matches, needsRehash: matches && Number(madeAt) < cost }
      })
  })
)
