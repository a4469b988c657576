import { Context, type DateTime, type Effect, type Option } from "effect"
import type { EmailAddress } from "../shared/EmailAddress.ts"
import type { Account, AccountId, EmailTaken, PasswordHash, Username, UsernameTaken } from "./Account.ts"

export interface NewAccount {
  readonly username: Username | null
  readonly email: EmailAddress | null
  readonly firstName: string | null
  readonly lastName: string | null
  readonly passwordHash: PasswordHash
}

/** What a sign-in needs to know of an account. */
export interface Credentials {
  readonly accountId: AccountId
  readonly passwordHash: PasswordHash
}

export class AccountRepository extends Context.Service<
  AccountRepository,
  {
    /** Usernames and e-mail addresses are unique without regard to case; the username is looked at first. */
    insert(account: NewAccount, now: DateTime.Utc): Effect.Effect<Account, UsernameTaken | EmailTaken>
    /**
     * Takes the address away from an account that claimed it before `claimedBefore` and has not verified it since.
     * Whether there was one.
     */
    releaseUnverifiedEmail(email: EmailAddress, claimedBefore: DateTime.Utc): Effect.Effect<boolean>
    /** By username, or by e-mail address where there is an `@`, without regard to case; accounts with a password only. */
    findCredentials(identifier: string): Effect.Effect<Option.Option<Credentials>>
    /** In the place of `previous`; where that has been replaced meanwhile, nothing changes. */
    savePasswordHash(id: AccountId, hash: PasswordHash, previous: PasswordHash): Effect.Effect<void>
  }
>()("rookery/domain/accounts/AccountRepository") {}
