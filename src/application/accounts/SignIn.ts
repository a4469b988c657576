import { Context, Effect, Layer, Option, type Redacted, Schema } from "effect"
import type { AccountId, PasswordHash } from "../../domain/accounts/Account.ts"
import { AccountRepository } from "../../domain/accounts/AccountRepository.ts"
import { PasswordHasher } from "../../domain/accounts/PasswordHasher.ts"
import type { Dialect } from "../../domain/accounts/Session.ts"
import { signInKey } from "../../domain/accounts/SignInKey.ts"
import { EmailNotVerified, type EmailVerificationOptions } from "./EmailVerification.ts"
import { Sessions, type SignedIn } from "./Sessions.ts"

/** Unknown account or wrong password: nobody can tell which. */
export class InvalidCredentials extends Schema.TaggedError<InvalidCredentials>()("InvalidCredentials", {}) {}

export interface PasswordSignIn {
  /** A username or an e-mail address. */
  readonly identifier: string
  readonly password: Redacted.Redacted<string>
  readonly dialect: Dialect
  /** Whether the session gets a refresh token; without one its access token lasts as long as the session. */
  readonly refreshable: boolean
  /** The `User-Agent` of the client. */
  readonly userAgent: string | undefined
}

export class SignIn extends Context.Service<
  SignIn,
  {
    /** On v1, who signs in by an e-mail address has to have verified it. */
    withPassword(request: PasswordSignIn): Effect.Effect<SignedIn, InvalidCredentials | EmailNotVerified>
  }
>()("rookery/application/accounts/SignIn") {
  static readonly layer = ({ emailVerification }: EmailVerificationOptions) =>
    Layer.effect(
      SignIn,
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const hasher = yield* PasswordHasher
        const sessions = yield* Sessions

        const needsVerifiedEmail = ({ dialect, identifier }: PasswordSignIn) =>
          emailVerification === "required" && dialect === "v1" && signInKey(identifier)?._tag === "Email"

        /** The hash that the account has from now on. */
        const rehash = Effect.fnUntraced(function* (
          id: AccountId,
          password: Redacted.Redacted<string>,
          previous: PasswordHash
        ) {
          const hash = yield* hasher.hash(password)
          return (yield* accounts.savePasswordHash(id, hash, previous)) ? hash : previous
        })

        const attempt = Effect.fnUntraced(function* (request: PasswordSignIn) {
          const { dialect, identifier, password, refreshable, userAgent } = request
          const credentials = Option.getOrUndefined(yield* accounts.findCredentials(identifier))
          const verdict = yield* hasher.verify(credentials?.passwordHash, password)
          if (credentials === undefined || !verdict.matches) return yield* new InvalidCredentials()
          const { account, passwordHash: previous } = credentials
          if (needsVerifiedEmail(request) && account.emailVerifiedAt === null) return yield* new EmailNotVerified()
          const passwordHash = verdict.needsRehash ? yield* rehash(account.id, password, previous) : previous
          return yield* sessions.open({ accountId: account.id, passwordHash, dialect, refreshable, userAgent })
        })

        const withPassword = Effect.fn("SignIn.withPassword")((request: PasswordSignIn) =>
          attempt(request).pipe(
            // The password was replaced, or the account deleted, since it was looked at. The next look tells which.
            Effect.retry({ times: 1, while: (error) => error._tag === "AccountNotFound" }),
            Effect.catchTag("AccountNotFound", () => Effect.fail(new InvalidCredentials()))
          )
        )

        return SignIn.of({ withPassword })
      })
    )
}
