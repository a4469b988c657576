import { Context, DateTime, Effect, Layer, type Redacted } from "effect"
import type { Account, EmailTaken, Username, UsernameTaken } from "../../domain/accounts/Account.ts"
import { AccountRepository } from "../../domain/accounts/AccountRepository.ts"
import type { Password } from "../../domain/accounts/Password.ts"
import { PasswordHasher } from "../../domain/accounts/PasswordHasher.ts"
import type { EmailAddress } from "../../domain/shared/EmailAddress.ts"

export interface RegistrationRequest {
  readonly username?: Username
  readonly email?: EmailAddress
  readonly firstName?: string
  readonly lastName?: string
  readonly password: Redacted.Redacted<Password>
}

export interface RegistrationOptions {
  /** Whether owners are sent what verifies their address. Where nobody can verify one, a claim never lapses. */
  readonly verifiesEmail: boolean
}

/** How long an address is kept for the account that claimed it and has not verified it. */
const claimHours = 24

export class Registration extends Context.Service<
  Registration,
  {
    register(request: RegistrationRequest): Effect.Effect<Account, UsernameTaken | EmailTaken>
  }
>()("rookery/application/accounts/Registration") {
  static readonly layer = ({ verifiesEmail }: RegistrationOptions) =>
    Layer.effect(
      Registration,
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const hasher = yield* PasswordHasher

        /** Whether the claim to the address that was in the way has lapsed. */
        const release = (email: EmailAddress, now: DateTime.Utc) =>
          verifiesEmail
            ? accounts.releaseUnverifiedEmail(email, DateTime.subtract(now, { hours: claimHours }))
            : Effect.succeed(false)

        const register = Effect.fn("Registration.register")(function* (request: RegistrationRequest) {
          const { email = null, firstName = null, lastName = null, username = null } = request
          const passwordHash = yield* hasher.hash(request.password)
          const now = yield* DateTime.now
          const insert = accounts.insert({ username, email, firstName, lastName, passwordHash }, now)
          return yield* insert.pipe(
            Effect.catchTag("EmailTaken", (taken) =>
              Effect.flatMap(release(taken.email, now), (released) => (released ? insert : Effect.fail(taken)))
            )
          )
        })

        return Registration.of({ register })
      })
    )
}
