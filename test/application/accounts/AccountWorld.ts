import { assert } from "@effect/vitest"
import { Context, DateTime, Duration, Effect, Layer, Option, Redacted, Schema } from "effect"
import { fastHash } from "../../../src/adapters/memory/PasswordHasherMemory.ts"
import { EmailVerification } from "../../../src/application/accounts/EmailVerification.ts"
import { type RegistrationRequest, Registration } from "../../../src/application/accounts/Registration.ts"
import { Sessions } from "../../../src/application/accounts/Sessions.ts"
import { type PasswordSignIn, SignIn } from "../../../src/application/accounts/SignIn.ts"
import { type Account, Username } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { type LinkGrant, linkLifetimes, LinkTokens } from "../../../src/domain/accounts/LinkTokens.ts"
import { MailRequest } from "../../../src/domain/accounts/MailQueue.ts"
import { Password } from "../../../src/domain/accounts/Password.ts"
import { PasswordHasher } from "../../../src/domain/accounts/PasswordHasher.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import { arrivals } from "../../contracts/Fixtures.ts"

export const password = (text: string) => Redacted.make(Password.make(text))
export const right = password("correct horse")
export const [ada, bob] = [Username.make("ada"), Username.make("bob")]
export const adasEmail = EmailAddress.make("Ada@Example.com")
export const bobsEmail = EmailAddress.make("bob@example.com")
export const shouted = (email: EmailAddress) => EmailAddress.make(email.toUpperCase())

export const register = (request: Omit<RegistrationRequest, "password">) =>
  Registration.use((registration) => registration.register({ ...request, password: right }))

/** As {@link register}, for tests without that use case. */
export const someAccount = (email: EmailAddress) =>
  Effect.flatMap(DateTime.now, (now) =>
    AccountRepository.use((accounts) =>
      accounts.insert(
        { username: null, email, firstName: null, lastName: null, passwordHash: fastHash(Redacted.value(right)) },
        now
      )
    )
  )

export const account = ({ id }: Pick<Account, "id">) => AccountRepository.use((accounts) => accounts.findById(id))

export const signIn = (identifier: string, request: Partial<PasswordSignIn> = {}) =>
  SignIn.use(({ withPassword }) =>
    withPassword({
      identifier,
      password: right,
      dialect: "classic",
      refreshable: true,
      userAgent: undefined,
      ...request
    })
  )

/** Whether the session of an access token goes on. */
export const lives = (accessToken: Redacted.Redacted<string>) =>
  Sessions.use((sessions) => Effect.isSuccess(sessions.authenticate(Redacted.value(accessToken))))

/** The mails that were asked for since this was asked last. */
export const mails = Effect.gen(function* () {
  const entries = yield* arrivals("mail")
  return yield* Effect.forEach(entries, ({ data }) => Schema.decodeUnknownEffect(MailRequest)(data))
}).pipe(Effect.orDie)

/** What the link of a mail would have that is sent now. */
export const link = Effect.fnUntraced(function* (grant: LinkGrant) {
  const links = yield* LinkTokens
  const expiresAt = DateTime.addDuration(yield* DateTime.now, linkLifetimes[grant.purpose])
  return Redacted.value(yield* links.sign(grant, expiresAt))
})

export const verificationLink = (accountId: Account["id"], email: EmailAddress) =>
  link({ purpose: "verification", accountId, email })

export const verify = (token: string) => EmailVerification.use((verification) => verification.verify(token))

/** An account whose address is verified, and nothing left to send. */
export const verified = Effect.fnUntraced(function* (request: Omit<RegistrationRequest, "password">) {
  const { email, id } = yield* register(request)
  assert.isNotNull(email)
  if (email !== null) yield* verify(yield* verificationLink(id, email))
  yield* mails
  return yield* account({ id })
})

export const resetLink = Effect.fnUntraced(function* (email: EmailAddress) {
  const [accounts, links] = [yield* AccountRepository, yield* LinkTokens]
  const { account, passwordHash } = Option.getOrThrow(yield* accounts.findCredentials(email))
  const fingerprint = yield* links.fingerprint(passwordHash)
  return yield* link({ purpose: "passwordReset", accountId: account.id, email, fingerprint })
})

/** What happens, once, between the look at a password and what comes of it. */
export class Meanwhile extends Context.Service<Meanwhile, { happens: Effect.Effect<void> }>()("test/Meanwhile") {}

/** A password hasher during whose work a test has something happen. */
export const InterruptedHasher = Layer.effect(
  PasswordHasher,
  Effect.gen(function* () {
    const [hasher, meanwhile] = [yield* PasswordHasher, yield* Meanwhile]
    const happens = Effect.suspend(() => {
      const { happens } = meanwhile
      meanwhile.happens = Effect.void
      return happens
    })
    return PasswordHasher.of({
      hash: hasher.hash,
      verify: (hash, password) => Effect.tap(hasher.verify(hash, password), happens)
    })
  })
).pipe(Layer.provideMerge(Layer.sync(Meanwhile, () => ({ happens: Effect.void }))))

export const lifetimes = { access: Duration.minutes(15), session: Duration.days(30) }
