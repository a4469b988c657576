import { Context, DateTime, Effect, Layer, type Redacted } from "effect"
import type { Account, EmailTaken, Username, UsernameTaken } from "../../domain/accounts/Account.ts"
import { AccountRepository, type NewAccount } from "../../domain/accounts/AccountRepository.ts"
import { claimsLapseBefore } from "../../domain/accounts/EmailClaim.ts"
import type { Password } from "../../domain/accounts/Password.ts"
import { PasswordHasher } from "../../domain/accounts/PasswordHasher.ts"
import { type EmailAddress, emailKey } from "../../domain/shared/EmailAddress.ts"
import { RateLimits } from "../../domain/shared/RateLimits.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"
import { makeMailing } from "./Mailing.ts"

export interface RegistrationRequest {
  readonly username?: Username
  readonly email?: EmailAddress
  readonly firstName?: string
  readonly lastName?: string
  readonly password: Redacted.Redacted<Password>
}

export class Registration extends Context.Service<
  Registration,
  {
    /**
     * Opens an account, and sends the link that verifies its address, if it has one. An address that another account
     * claimed a day ago and has not verified since is taken from that.
     */
    register(request: RegistrationRequest): Effect.Effect<Account, UsernameTaken | EmailTaken>
  }
>()("rookery/application/accounts/Registration") {
  static readonly layer = Layer.effect(
    Registration,
    Effect.gen(function* () {
      const accounts = yield* AccountRepository
      const hasher = yield* PasswordHasher
      const limits = yield* RateLimits
      const transaction = yield* Transaction
      const mail = yield* makeMailing

      const insert = Effect.fnUntraced(function* (account: NewAccount & { readonly email: EmailAddress }) {
        const now = yield* DateTime.now
        const inserted = yield* accounts
          .insert(account, now)
          .pipe(
            Effect.catchTag("EmailTaken", (taken) =>
              Effect.flatMap(accounts.releaseUnverifiedEmail(taken.email, claimsLapseBefore(now)), (released) =>
                released ? accounts.insert(account, now) : Effect.fail(taken)
              )
            )
          )
        yield* mail({ _tag: "Verification", accountId: inserted.id, to: account.email })
        return inserted
      }, transaction.atomic)

      const register = Effect.fn("Registration.register")(function* (request: RegistrationRequest) {
        const { email = null, firstName = null, lastName = null, username = null } = request
        const passwordHash = yield* hasher.hash(request.password)
        const account = { username, firstName, lastName, passwordHash }
        if (email === null) return yield* accounts.insert({ ...account, email }, yield* DateTime.now)
        const inserted = yield* insert({ ...account, email })
        // Counted only: whoever asked for many mails before must not keep the owner of the address from an account.
        yield* Effect.ignore(limits.consume("mails", emailKey(email)))
        return inserted
      })

      return Registration.of({ register })
    })
  )
}
