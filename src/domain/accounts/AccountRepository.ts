import { Context, type DateTime, type Effect, type Option } from "effect"
import type { EmailAddress } from "../shared/EmailAddress.ts"
import type { PhoneDigits } from "../shared/PhoneNumber.ts"
import type {
  Account,
  AccountId,
  AccountNotFound,
  EmailTaken,
  PasswordHash,
  PhoneTaken,
  Username,
  UsernameTaken
} from "./Account.ts"

export interface NewAccount {
  readonly username: Username | null
  readonly email: EmailAddress | null
  readonly firstName: string | null
  readonly lastName: string | null
  readonly passwordHash: PasswordHash
}

/** What a sign-in needs to know of an account. */
export interface Credentials {
  readonly account: Account
  readonly passwordHash: PasswordHash
}

export class AccountRepository extends Context.Service<
  AccountRepository,
  {
    /** Usernames and e-mail addresses are unique without regard to case; the username is looked at first. */
    insert(account: NewAccount, now: DateTime.Utc): Effect.Effect<Account, UsernameTaken | EmailTaken>
    /** One that has nothing but a number. */
    insertWithPhone(phone: PhoneDigits, now: DateTime.Utc): Effect.Effect<Account, PhoneTaken>
    findById(id: AccountId): Effect.Effect<Account, AccountNotFound>
    /** As {@link findById}. Until the transaction ends, nobody else changes the account or gives it a session or a contact. */
    findByIdForUpdate(id: AccountId): Effect.Effect<Account, AccountNotFound>
    /** As {@link findById}. Until the transaction ends, nobody else changes the account; it may get sessions and contacts. */
    findByIdForChange(id: AccountId): Effect.Effect<Account, AccountNotFound>
    /** Of the account whose address it is, verified or not, without regard to case. One that is pending is nobody's. */
    findByEmail(email: EmailAddress): Effect.Effect<Option.Option<Account>>
    /** As {@link findByEmail}, unless it was claimed before `claimedBefore` and has not been verified since. */
    findHolderOfEmail(email: EmailAddress, claimedBefore: DateTime.Utc): Effect.Effect<Option.Option<Account>>
    /** Those whose pending address it is, without regard to case: at most 10, the oldest first. */
    listByPendingEmail(email: EmailAddress): Effect.Effect<ReadonlyArray<Account>>
    /**
     * Writes everything of the account but its username, its phone number, its password and when it was made. A new
     * `email` is claimed at `now`. Where it fails inside a transaction, that has to be rolled back.
     */
    save(account: Account, now: DateTime.Utc): Effect.Effect<Account, AccountNotFound | EmailTaken>
    findByPhone(phone: PhoneDigits): Effect.Effect<Option.Option<Account>>
    /** In the place of the one before. Where it fails inside a transaction, that has to be rolled back. */
    savePhone(id: AccountId, phone: PhoneDigits): Effect.Effect<Account, AccountNotFound | PhoneTaken>
    /**
     * Takes the address away from an account that claimed it before `claimedBefore` and has not verified it since.
     * Whether there was one.
     */
    releaseUnverifiedEmail(email: EmailAddress, claimedBefore: DateTime.Utc): Effect.Effect<boolean>
    /** By username, or by e-mail address where there is an `@`, without regard to case; accounts with a password only. */
    findCredentials(identifier: string): Effect.Effect<Option.Option<Credentials>>
    /** Of an account with a password. */
    findCredentialsById(id: AccountId): Effect.Effect<Option.Option<Credentials>>
    /** In the place of `previous`; false, and nothing changes, where that has been replaced meanwhile. */
    savePasswordHash(id: AccountId, hash: PasswordHash, previous: PasswordHash): Effect.Effect<boolean>
    /**
     * With all that is its own: sessions, contacts, notes (and a `deleted` event for each of them), friends, conversations,
     * and clips, whose blobs are to be removed. So do mails and SMS to it that were given up, and links that it no longer
     * waits for; what it is still to be told of its changes goes out.
     */
    delete(id: AccountId): Effect.Effect<Account, AccountNotFound>
  }
>()("rookery/domain/accounts/AccountRepository") {}
