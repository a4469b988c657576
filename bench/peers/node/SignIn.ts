import { randomUUID } from "node:crypto"
import { hash, verify } from "@node-rs/argon2"
import type { AccessTokens } from "./AccessTokens.ts"
import type { Database } from "./Database.ts"

/** Rookery's, and OWASP's: 19 MiB, two passes, one lane. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

interface Account {
  readonly id: number
  readonly password_hash: string
  readonly email_verified_at: Date | null
}

export type SignInRefusal = "invalid" | "unverified"

/** Checks a password with Argon2id on libuv's threads and opens a session. */
export const makeSignIn = async (database: Database, tokens: AccessTokens) => {
  const byUsername = database.prepared<Account>("account-by-username")
  const byEmail = database.prepared<Account>("account-by-email")
  const insertSession = database.prepared("session")
  // Verified where there is no such account, so that this takes as long.
  const nobodys = await hash(randomUUID(), parameters)

  return async (identifier: string, password: string, userAgent: string | undefined) => {
    const isEmail = identifier.includes("@")
    const [account] = await (isEmail ? byEmail : byUsername)(identifier.toLowerCase())
    const matches = await verify(account?.password_hash ?? nobodys, password)
    if (account === undefined || !matches) return "invalid" satisfies SignInRefusal
    if (isEmail && account.email_verified_at === null) return "unverified" satisfies SignInRefusal
    const session = randomUUID()
    const { access, expiresIn, refresh, refreshHash } = tokens.issue(account.id, session)
    const values = [account.id, account.password_hash, session, userAgent ?? null, refreshHash] as const
    const [opened] = await insertSession(...values)
    if (opened === undefined) return "invalid" satisfies SignInRefusal
    return { access_token: access, refresh_token: refresh, token_type: "bearer", expires_in: expiresIn }
  }
}
