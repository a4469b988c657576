import { assert, describe } from "@effect/vitest"
import { Effect, Layer, Option, Redacted } from "effect"
import { PasswordReset } from "../../../src/application/accounts/PasswordReset.ts"
import { Profile } from "../../../src/application/accounts/Profile.ts"
import { Sessions } from "../../../src/application/accounts/Sessions.ts"
import { Account } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { InvalidLink } from "../../../src/domain/accounts/LinkTokens.ts"
import { PasswordHasher } from "../../../src/domain/accounts/PasswordHasher.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import { unknownAccount } from "../../contracts/Fixtures.ts"
import { advance, test } from "../RookeryTest.ts"
import {
  account,
  ada,
  adasEmail,
  bobsEmail,
  link,
  lives,
  mails,
  password,
  register,
  resetLink,
  right,
  shouted,
  signIn,
  verificationLink,
  verified,
  verify
} from "./AccountWorld.ts"

const another = password("battery staple")
const third = password("third password")

const check = (token: string) => PasswordReset.use((resets) => resets.check(token))
const reset = (token: string, next = another) => PasswordReset.use((resets) => resets.reset(token, next))

const refused = Effect.fnUntraced(function* (token: string) {
  assert.deepStrictEqual(yield* Effect.flip(check(token)), new InvalidLink())
  assert.deepStrictEqual(yield* Effect.flip(reset(token)), new InvalidLink())
})
const refusedPassword = (identifier: string, wrong: typeof right) =>
  Effect.map(Effect.flip(signIn(identifier, { password: wrong })), ({ _tag }) =>
    assert.strictEqual(_tag, "InvalidCredentials")
  )

describe("PasswordReset", () => {
  test(
    "sets the password by the link, once, and tells the address",
    Effect.gen(function* () {
      const { id } = yield* verified({ username: ada, email: adasEmail })
      const [token, second] = [yield* resetLink(adasEmail), yield* resetLink(adasEmail)]
      yield* check(token)
      yield* check(token)
      yield* reset(token)
      assert.strictEqual((yield* signIn("ada", { password: another })).session.accountId, id)
      yield* refusedPassword("ada", right)
      const sent = yield* mails
      assert.deepStrictEqual(
        sent.map((mail) => ({ ...mail, at: undefined })),
        [{ _tag: "PasswordChanged", to: adasEmail, at: undefined, accountId: id }]
      )
      for (const used of [token, second]) yield* refused(used)
      yield* reset(yield* resetLink(adasEmail), third)
      yield* signIn("ada", { password: third })
    })
  )

  test(
    "takes a link for an hour",
    Effect.gen(function* () {
      yield* verified({ email: adasEmail })
      const token = yield* resetLink(adasEmail)
      yield* advance("3599999 millis")
      yield* check(token)
      yield* advance("1 millis")
      yield* refused(token)
    })
  )

  test(
    "takes no token but that of a link that resets",
    Effect.gen(function* () {
      const { id } = yield* register({ email: adasEmail })
      const { accessToken, refreshToken } = yield* signIn(adasEmail)
      for (const token of [accessToken, refreshToken ?? accessToken]) yield* refused(Redacted.value(token))
      for (const token of ["", "garbage", yield* verificationLink(id, adasEmail)]) yield* refused(token)
      const fingerprint = "of another hash"
      for (const grant of [
        { accountId: id, email: adasEmail },
        { accountId: unknownAccount, email: adasEmail }
      ]) {
        yield* refused(yield* link({ purpose: "passwordReset", ...grant, fingerprint }))
      }
    })
  )

  test(
    "takes no link to an address that is not the account's any more",
    Effect.gen(function* () {
      const { id } = yield* verified({ email: adasEmail })
      const token = yield* resetLink(adasEmail)
      yield* Profile.use((profile) => profile.changeEmail(id, bobsEmail))
      yield* check(token)
      yield* verify(yield* verificationLink(id, bobsEmail))
      yield* refused(token)
    })
  )

  test(
    "takes no link once the password was changed another way",
    Effect.gen(function* () {
      yield* verified({ email: adasEmail })
      const token = yield* resetLink(adasEmail)
      const { session } = yield* signIn(adasEmail)
      yield* Profile.use((profile) => profile.changePassword(session, { current: right, next: another }))
      yield* refused(token)
      yield* signIn(adasEmail, { password: another })
    })
  )

  test(
    "ends all sessions, and nobody else's",
    Effect.gen(function* () {
      yield* verified({ email: adasEmail })
      yield* verified({ email: bobsEmail })
      const adas = [yield* signIn(adasEmail), yield* signIn(adasEmail, { dialect: "v1" })]
      const bobs = yield* signIn(bobsEmail)
      for (const { accessToken } of [...adas, bobs]) assert.isTrue(yield* lives(accessToken))
      yield* reset(yield* resetLink(adasEmail))
      for (const { accessToken } of adas) assert.isFalse(yield* lives(accessToken))
      assert.isTrue(yield* lives(bobs.accessToken))
    })
  )

  test(
    "verifies the address by the way, and lets go of one that was pending",
    Effect.gen(function* () {
      const { id } = yield* register({ email: adasEmail })
      const pending = EmailAddress.make("thief@example.com")
      yield* Profile.use((profile) => profile.changeEmail(id, pending))
      const thiefsLink = yield* verificationLink(id, pending)
      yield* advance("1 minute")
      yield* reset(yield* resetLink(adasEmail))
      const { email, emailVerifiedAt, pendingEmail } = yield* account({ id })
      assert.deepStrictEqual({ email, pendingEmail }, { email: adasEmail, pendingEmail: null })
      assert.isNotNull(emailVerifiedAt)
      assert.deepStrictEqual(yield* Effect.flip(verify(thiefsLink)), new InvalidLink())
    })
  )

  test(
    "keeps when an address was verified before",
    Effect.gen(function* () {
      const before = yield* verified({ email: adasEmail })
      yield* advance("1 minute")
      yield* reset(yield* resetLink(adasEmail))
      assert.deepStrictEqual(yield* account(before), before)
    })
  )

  test(
    "lets one of two at once have the link",
    Effect.gen(function* () {
      yield* verified({ username: ada, email: adasEmail })
      const token = yield* resetLink(adasEmail)
      const attempts = [another, third].map((next) => Effect.isSuccess(reset(token, next)))
      const done = yield* Effect.all(attempts, { concurrency: "unbounded" })
      assert.sameMembers(done, [true, false])
      yield* signIn("ada", { password: done[0] ? another : third })
      yield* refusedPassword("ada", done[0] ? third : another)
      assert.lengthOf(yield* mails, 1)
    })
  )

  test(
    "hashes no password for a link that is void",
    Effect.gen(function* () {
      const hasher = yield* PasswordHasher
      const Refusing = Layer.succeed(PasswordHasher, { ...hasher, hash: () => Effect.die("hashed") })
      yield* verified({ email: adasEmail })
      const token = yield* resetLink(adasEmail)
      yield* reset(token)
      yield* Effect.flip(reset(token)).pipe(
        Effect.provide(Layer.fresh(PasswordReset.layer).pipe(Layer.provide(Refusing)))
      )
    })
  )

  test(
    "changes nothing, and ends nothing, where the account changes just then",
    Effect.gen(function* () {
      const accounts = yield* AccountRepository
      const before = yield* verified({ email: adasEmail })
      const { accessToken, session } = yield* signIn(adasEmail)
      const hasher = yield* PasswordHasher
      const Moving = Layer.succeed(PasswordHasher, {
        ...hasher,
        hash: (password) =>
          accounts
            .save(new Account({ ...before, email: bobsEmail }), before.createdAt)
            .pipe(Effect.orDie, Effect.andThen(hasher.hash(password)))
      })
      const token = yield* resetLink(adasEmail)
      const error = yield* Effect.flip(reset(token)).pipe(
        Effect.provide(Layer.fresh(PasswordReset.layer).pipe(Layer.provide(Moving)))
      )
      assert.deepStrictEqual(error, new InvalidLink())
      assert.isTrue(yield* lives(accessToken))
      assert.lengthOf(yield* Sessions.use((sessions) => sessions.list(session.accountId)), 1)
      assert.isTrue(Option.isSome(yield* accounts.findCredentials(bobsEmail)))
      yield* signIn(bobsEmail)
      assert.deepStrictEqual(yield* mails, [])
    })
  )

  test(
    "sends a link on request, whether there is such an account or not, three times an hour",
    Effect.gen(function* () {
      const { request } = yield* PasswordReset
      for (const [spelling, email] of [[adasEmail, shouted(adasEmail)] as const, [bobsEmail, bobsEmail] as const]) {
        for (const to of [spelling, email, spelling]) {
          yield* request(to)
          assert.deepStrictEqual(yield* mails, [{ _tag: "PasswordReset", to }])
        }
        const error = yield* Effect.flip(request(email))
        assert.strictEqual(error.name, "mails")
        assert.deepStrictEqual(yield* mails, [])
      }
      yield* advance("1 hour")
      yield* request(adasEmail)
    })
  )
})
