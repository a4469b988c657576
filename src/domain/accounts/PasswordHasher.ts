import { Context, type Effect, type Redacted } from "effect"
import type { PasswordHash } from "./Account.ts"

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
