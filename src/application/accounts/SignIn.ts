import { Context, Effect, Layer, Option, type Redacted, Schema } from "effect"
import { AccountRepository } from "../../domain/accounts/AccountRepository.ts"
import { PasswordHasher } from "../../domain/accounts/PasswordHasher.ts"
import type { Dialect } from "../../domain/accounts/Session.ts"
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
}

export class SignIn extends Context.Service<
  SignIn,
  {
    withPassword(request: PasswordSignIn): Effect.Effect<SignedIn, InvalidCredentials>
  }
>()("rookery/application/accounts/SignIn") {
  static readonly layer = Layer.effect(
    SignIn,
    Effect.gen(function* () {
      const accounts = yield* AccountRepository
      const hasher = yield* PasswordHasher
      const sessions = yield* Sessions

      const withPassword = Effect.fn("SignIn.withPassword")(function* (request: PasswordSignIn) {
        const credentials = Option.getOrUndefined(yield* accounts.findCredentials(request.identifier))
        const verdict = yield* hasher.verify(credentials?.passwordHash, request.password)
        if (credentials === undefined || !verdict.matches) return yield* new InvalidCredentials()
        if (verdict.needsRehash) {
          const hash = yield* hasher.hash(request.password)
          yield* accounts.savePasswordHash(credentials.accountId, hash, credentials.passwordHash)
        }
        return yield* sessions.open(credentials.accountId, request.dialect, request.refreshable)
      })

      return SignIn.of({ withPassword })
    })
  )
}
