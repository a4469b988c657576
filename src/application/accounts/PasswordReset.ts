import { Context, DateTime, Effect, Layer, Option, type Redacted } from "effect"
import { Account, type PasswordHash } from "../../domain/accounts/Account.ts"
import { AccountRepository } from "../../domain/accounts/AccountRepository.ts"
import { InvalidLink, type LinkGrantFor, LinkTokens } from "../../domain/accounts/LinkTokens.ts"
import type { Password } from "../../domain/accounts/Password.ts"
import { PasswordHasher } from "../../domain/accounts/PasswordHasher.ts"
import { type EmailAddress, emailKey } from "../../domain/shared/EmailAddress.ts"
import { type RateLimitExceeded, RateLimits } from "../../domain/shared/RateLimits.ts"
import { makeMailing } from "./Mailing.ts"
import { Sessions } from "./Sessions.ts"

type ResetGrant = LinkGrantFor<"passwordReset">

export class PasswordReset extends Context.Service<
  PasswordReset,
  {
    /** Sends a link to the address of an account; to any other, nothing. Nobody can tell which. */
    request(email: EmailAddress): Effect.Effect<void, RateLimitExceeded>
    /** Whether the link would still work. */
    check(token: string): Effect.Effect<void, InvalidLink>
    /**
     * Works once for each link. Ends all sessions; whoever has the mail has the address, so it is verified by that. An
     * address that was pending is not any more: who asked for it may be whom the new password keeps out.
     */
    reset(token: string, password: Redacted.Redacted<Password>): Effect.Effect<void, InvalidLink>
  }
>()("rookery/application/accounts/PasswordReset") {
  static readonly layer = Layer.effect(
    PasswordReset,
    Effect.gen(function* () {
      const accounts = yield* AccountRepository
      const hasher = yield* PasswordHasher
      const links = yield* LinkTokens
      const limits = yield* RateLimits
      const sessions = yield* Sessions
      const mail = yield* makeMailing

      const request = Effect.fn("PasswordReset.request")((email: EmailAddress) =>
        Effect.andThen(limits.consume("mails", emailKey(email)), mail({ _tag: "PasswordReset", to: email }))
      )

      /** What the link was made for, where nothing of it has changed since. */
      const find = Effect.fnUntraced(function* ({ accountId, email, fingerprint }: ResetGrant) {
        const credentials = Option.getOrUndefined(yield* accounts.findCredentialsById(accountId))
        if (credentials === undefined || !credentials.account.hasEmail(email)) return yield* new InvalidLink()
        if ((yield* links.fingerprint(credentials.passwordHash)) !== fingerprint) return yield* new InvalidLink()
        return credentials
      })

      const check = Effect.fn("PasswordReset.check")((token: string) =>
        Effect.flatMap(links.verify(token, "passwordReset"), find).pipe(Effect.asVoid)
      )

      // The account is locked by whoever ends its sessions, so what is found here stays.
      const replace = Effect.fnUntraced(
        function* (grant: ResetGrant, hash: PasswordHash) {
          const { account, passwordHash } = yield* find(grant)
          const now = yield* DateTime.now
          yield* accounts.savePasswordHash(account.id, hash, passwordHash)
          const emailVerifiedAt = account.emailVerifiedAt ?? now
          yield* accounts.save(new Account({ ...account, emailVerifiedAt, pendingEmail: null }), now)
          yield* mail({ _tag: "PasswordChanged", to: grant.email, at: now, accountId: account.id })
        },
        Effect.catchTags({
          AccountNotFound: () => Effect.fail(new InvalidLink()),
          // It has the address already.
          EmailTaken: Effect.die
        })
      )

      const reset = Effect.fn("PasswordReset.reset")(function* (token: string, password: Redacted.Redacted<Password>) {
        const grant = yield* links.verify(token, "passwordReset")
        // Looked at before a password is hashed, which takes long, and again when nobody else can change it.
        yield* find(grant)
        const hash = yield* hasher.hash(password)
        yield* sessions.endAllWith(grant.accountId, replace(grant, hash))
      })

      return PasswordReset.of({ request, check, reset })
    })
  )
}
