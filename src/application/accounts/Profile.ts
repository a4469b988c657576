import { Context, DateTime, Duration, Effect, Layer, Option, type Redacted, Schema } from "effect"
import {
  Account,
  type AccountId,
  type AccountNotFound,
  EmailTaken,
  type PasswordHash
} from "../../domain/accounts/Account.ts"
import { AccountRepository } from "../../domain/accounts/AccountRepository.ts"
import { avatarKey } from "../../domain/accounts/AvatarImages.ts"
import { claimsLapseBefore } from "../../domain/accounts/EmailClaim.ts"
import type { Password } from "../../domain/accounts/Password.ts"
import { PasswordHasher } from "../../domain/accounts/PasswordHasher.ts"
import type { Session } from "../../domain/accounts/Session.ts"
import { OutboxSignal } from "../../domain/events/OutboxSignal.ts"
import { BlobRemovals } from "../../domain/shared/BlobRemovals.ts"
import { type EmailAddress, emailKey } from "../../domain/shared/EmailAddress.ts"
import { type RateLimitExceeded, RateLimits } from "../../domain/shared/RateLimits.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"
import { makeFarewell } from "../talk/Farewell.ts"
import { makeMailing } from "./Mailing.ts"
import { Sessions } from "./Sessions.ts"
import { InvalidCredentials } from "./SignIn.ts"

/** The password that somebody was asked for has been replaced since. */
class PasswordReplaced extends Schema.TaggedError<PasswordReplaced>()("PasswordReplaced", {}) {}

/** A sign-in may have hashed the same password anew just then, so it is asked once more. */
const askAgain = <A, E>(attempt: Effect.Effect<A, E | PasswordReplaced>) =>
  attempt.pipe(
    Effect.retry({ times: 1, while: (error) => error instanceof PasswordReplaced }),
    Effect.catchIf(
      (error) => error instanceof PasswordReplaced,
      () => Effect.fail(new InvalidCredentials())
    )
  )

/** One's own account. */
export class Profile extends Context.Service<
  Profile,
  {
    get(id: AccountId): Effect.Effect<Account, AccountNotFound>
    /**
     * The new address is pending until it is verified, with the link that is sent to it. The one that the account has
     * already is spelt anew, and nothing is pending any more.
     */
    changeEmail(
      id: AccountId,
      email: EmailAddress
    ): Effect.Effect<Account, AccountNotFound | EmailTaken | RateLimitExceeded>
    /**
     * Ends all sessions but this one, and tells the account's address. An address that was pending is not any more: who
     * asked for it may be whom the new password keeps out.
     */
    changePassword(
      session: Session,
      change: { readonly current: Redacted.Redacted<string>; readonly next: Redacted.Redacted<Password> }
    ): Effect.Effect<void, InvalidCredentials>
    /** The account with all that is its own. Who has a password is asked for it. */
    remove(
      id: AccountId,
      password: Redacted.Redacted<string> | undefined
    ): Effect.Effect<void, AccountNotFound | InvalidCredentials>
  }
>()("rookery/application/accounts/Profile") {
  static readonly layer = Layer.effect(
    Profile,
    Effect.gen(function* () {
      const accounts = yield* AccountRepository
      const hasher = yield* PasswordHasher
      const limits = yield* RateLimits
      const removals = yield* BlobRemovals
      const sessions = yield* Sessions
      const signal = yield* OutboxSignal
      const transaction = yield* Transaction
      const mail = yield* makeMailing
      const farewell = yield* makeFarewell

      const save = (account: Account, now: DateTime.Utc) =>
        // Its address is its own before, and only spelt anew.
        Effect.catchTag(accounts.save(account, now), "EmailTaken", Effect.die)

      const setEmail = Effect.fnUntraced(function* (id: AccountId, email: EmailAddress) {
        const account = yield* accounts.findByIdForUpdate(id)
        const now = yield* DateTime.now
        if (account.hasEmail(email)) return yield* save(new Account({ ...account, email, pendingEmail: null }), now)
        const changed = yield* save(new Account({ ...account, pendingEmail: email }), now)
        yield* mail({ _tag: "Verification", accountId: id, to: email })
        return changed
      }, transaction.atomic)

      const changeEmail = Effect.fn("Profile.changeEmail")(function* (id: AccountId, email: EmailAddress) {
        const account = yield* accounts.findById(id)
        if (!account.hasEmail(email)) {
          const holder = yield* accounts.findHolderOfEmail(email, claimsLapseBefore(yield* DateTime.now))
          if (Option.isSome(holder)) return yield* new EmailTaken({ email })
          yield* limits.consume("mails", emailKey(email))
        }
        return yield* setEmail(id, email)
      })

      const findHash = (id: AccountId) =>
        Effect.map(accounts.findCredentialsById(id), (found) => Option.getOrUndefined(found)?.passwordHash)

      /** Locks the account, whose password hash still has to be this one. */
      const lock = Effect.fnUntraced(function* (id: AccountId, hash: PasswordHash | undefined) {
        const account = yield* accounts.findByIdForUpdate(id)
        if ((yield* findHash(id)) !== hash) return yield* new PasswordReplaced()
        return account
      })

      const replaceHash = Effect.fnUntraced(function* (id: AccountId, next: PasswordHash, previous: PasswordHash) {
        const account = yield* lock(id, previous)
        const now = yield* DateTime.now
        yield* accounts.savePasswordHash(id, next, previous)
        yield* save(new Account({ ...account, pendingEmail: null }), now)
        if (account.email !== null) yield* mail({ _tag: "PasswordChanged", to: account.email, at: now, accountId: id })
      })

      const changePassword: Profile["Service"]["changePassword"] = Effect.fn("Profile.changePassword")(
        function* ({ accountId, id }, { current, next }) {
          const hash = yield* findHash(accountId)
          const { matches } = yield* hasher.verify(hash, current)
          if (hash === undefined || !matches) return yield* new InvalidCredentials()
          const nextHash = yield* hasher.hash(next)
          yield* sessions.endAllWith(accountId, replaceHash(accountId, nextHash, hash), id)
        },
        Effect.catchTag("AccountNotFound", () => Effect.fail(new InvalidCredentials())),
        askAgain
      )

      const removeLocked = Effect.fnUntraced(function* (id: AccountId, hash: PasswordHash | undefined) {
        yield* lock(id, hash)
        yield* farewell(id)
        const { avatarId } = yield* accounts.delete(id)
        if (avatarId !== null) yield* removals.schedule(avatarKey(avatarId), Duration.zero)
        yield* transaction.afterCommit(signal.notify)
      })

      const remove: Profile["Service"]["remove"] = Effect.fn("Profile.remove")(function* (id, password) {
        const hash = yield* findHash(id)
        if (hash !== undefined) {
          if (password === undefined) return yield* new InvalidCredentials()
          if (!(yield* hasher.verify(hash, password)).matches) return yield* new InvalidCredentials()
        }
        yield* sessions.endAllWith(id, removeLocked(id, hash))
      }, askAgain)

      return Profile.of({ get: accounts.findById, changeEmail, changePassword, remove })
    })
  )
}
