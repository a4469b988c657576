import { Context, type Effect, type Redacted, Schema } from "effect"
import type { PasswordHash } from "./Account.ts"

/** Bounds the work of one hash, whatever is sent. */
const maximumBytes = 1024

/** A password that may be set: at least 8 characters, at most 1024 bytes of UTF-8. */
export const Password = Schema.String.check(
  Schema.makeFilter((password) => {
    if ([...password].length < 8) return "must be at least 8 characters"
    if (!password.isWellFormed() || password.includes("\u0000"))
      return "must be well-formed text without NUL characters"
    return new TextEncoder().encode(password).length > maximumBytes ? "must be at most 1024 bytes" : undefined
  })
).pipe(Schema.brand("Password"))
export type Password = typeof Password.Type

export interface PasswordVerdict {
  readonly matches: boolean
  /** The hash was made with weaker parameters than today's. */
  readonly needsRehash: boolean
}

export class PasswordHasher extends Context.Service<
  PasswordHasher,
  {
    hash(password: Redacted.Redacted<string>): Effect.Effect<PasswordHash>
    /** Without a hash it never matches, at the same cost: who is unknown can't be told from who mistyped. */
    verify(hash: PasswordHash | undefined, password: Redacted.Redacted<string>): Effect.Effect<PasswordVerdict>
  }
>()("rookery/domain/accounts/PasswordHasher") {}
