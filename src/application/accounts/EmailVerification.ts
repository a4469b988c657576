import { Array as Arr, Cache, Context, DateTime, Duration, Effect, Exit, Layer, Option, Order, Schema } from "effect"
import { Account, type AccountId, type AccountNotFound, EmailTaken } from "../../domain/accounts/Account.ts"
import { AccountRepository } from "../../domain/accounts/AccountRepository.ts"
import { InvalidLink, type LinkGrantFor, LinkTokens } from "../../domain/accounts/LinkTokens.ts"
import { type EmailAddress, emailKey } from "../../domain/shared/EmailAddress.ts"
import { type RateLimitExceeded, RateLimits } from "../../domain/shared/RateLimits.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"
import { makeMailing } from "./Mailing.ts"

/** Who wants in has nothing but an address that nobody has verified yet. */
export class EmailNotVerified extends Schema.TaggedError<EmailNotVerified>()("EmailNotVerified", {}) {}

export interface EmailVerificationOptions {
  /** `off` lets everybody in whose address nobody has verified. Mails are sent all the same. */
  readonly emailVerification: "required" | "off"
}

/** Bounds the memory of accounts that are known to be verified; the least recently used is forgotten first. */
const knownAccounts = 50_000

export class EmailVerification extends Context.Service<
  EmailVerification,
  {
    /**
     * Verifies the address that the link was sent to. A pending one takes the place of the old, whose owner is told; it
     * is taken from an account that has claimed it and not verified it. Opened again on a verified address it changes
     * nothing. Fails with `EmailTaken` where somebody else has verified the address meanwhile.
     */
    verify(token: string): Effect.Effect<Account, InvalidLink | EmailTaken>
    /** Sends the link again, to an address that an unverified account has; to any other, nothing. Nobody can tell which. */
    resend(email: EmailAddress): Effect.Effect<void, RateLimitExceeded>
    /** Costs no round trip once the account is known to be verified, or to need no verification. */
    require(accountId: AccountId): Effect.Effect<void, EmailNotVerified | AccountNotFound>
  }
>()("rookery/application/accounts/EmailVerification") {
  static readonly layer = ({ emailVerification }: EmailVerificationOptions) =>
    Layer.effect(
      EmailVerification,
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const links = yield* LinkTokens
        const limits = yield* RateLimits
        const transaction = yield* Transaction
        const mail = yield* makeMailing

        /** Locked in the order of their ids, so that two who take each other's address do not wait for each other. */
        const lock = (ids: ReadonlySet<AccountId>) =>
          Effect.forEach(Arr.sort(ids, Order.Number), (id) => Effect.option(accounts.findByIdForUpdate(id))).pipe(
            Effect.map(Arr.getSomes)
          )

        const takePending = Effect.fnUntraced(function* (
          account: Account,
          email: EmailAddress,
          holder: Account | undefined
        ) {
          const now = yield* DateTime.now
          if (holder !== undefined) {
            if (holder.emailVerifiedAt !== null) return yield* new EmailTaken({ email })
            yield* accounts.save(new Account({ ...holder, email: null }), now)
          }
          const changed = new Account({ ...account, email, emailVerifiedAt: now, pendingEmail: null })
          const saved = yield* accounts.save(changed, now)
          if (account.email !== null) {
            yield* mail({
              _tag: "AddressChanged",
              to: account.email,
              at: now,
              accountId: account.id,
              newAddress: email
            })
          }
          return saved
        })

        const confirm = Effect.fnUntraced(
          function* ({ accountId, email }: LinkGrantFor<"verification">) {
            const held = Option.map(yield* accounts.findByEmail(email), (holder) => holder.id)
            const locked = yield* lock(new Set([accountId, ...Option.toArray(held)]))
            const account = locked.find(({ id }) => id === accountId)
            if (account === undefined) return yield* new InvalidLink()
            if (account.hasEmail(email)) {
              if (account.emailVerifiedAt !== null) return account
              const now = yield* DateTime.now
              return yield* accounts.save(new Account({ ...account, emailVerifiedAt: now }), now)
            }
            if (account.pendingEmail === null || !account.hasPendingEmail(email)) return yield* new InvalidLink()
            const holder = locked.find((other) => other.hasEmail(email))
            return yield* takePending(account, account.pendingEmail, holder)
          },
          Effect.catchTag("AccountNotFound", () => Effect.fail(new InvalidLink())),
          transaction.atomic
        )

        const verify = Effect.fn("EmailVerification.verify")(function* (token: string) {
          const grant = yield* links.verify(token, "verification")
          // Somebody may have claimed the address just then: whether that has been verified is seen only now.
          return yield* Effect.retry(confirm(grant), { times: 1, while: (error) => error._tag === "EmailTaken" })
        })

        const resend = Effect.fn("EmailVerification.resend")((email: EmailAddress) =>
          Effect.andThen(limits.consume("mails", emailKey(email)), mail({ _tag: "VerificationAgain", to: email }))
        )

        // What needs no verification never comes to need it. What does is asked for each time.
        const known = yield* Cache.makeWith(
          (id: AccountId) =>
            accounts.findById(id).pipe(
              Effect.filterOrFail(
                (account) => !account.needsVerification,
                () => new EmailNotVerified()
              ),
              Effect.asVoid
            ),
          {
            capacity: knownAccounts,
            timeToLive: (exit) => (Exit.isSuccess(exit) ? Duration.infinity : Duration.zero)
          }
        )

        return EmailVerification.of({
          verify,
          resend,
          require: emailVerification === "off" ? () => Effect.void : (id) => Cache.get(known, id)
        })
      })
    )
}
