import { assert, describe } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { EmailNotVerified, EmailVerification } from "../../../src/application/accounts/EmailVerification.ts"
import { Profile } from "../../../src/application/accounts/Profile.ts"
import { Account, type AccountId, AccountNotFound, EmailTaken } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { InvalidLink } from "../../../src/domain/accounts/LinkTokens.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { unknownAccount } from "../../contracts/Fixtures.ts"
import { advance, test, testOn } from "../RookeryTest.ts"
import {
  account,
  ada,
  adasEmail,
  bob,
  bobsEmail,
  link,
  mails,
  register,
  resetLink,
  shouted,
  someAccount,
  verificationLink,
  verified,
  verify
} from "./AccountWorld.ts"

const next = EmailAddress.make("next@example.com")

const refused = Effect.fnUntraced(function* (token: string) {
  assert.deepStrictEqual(yield* Effect.flip(verify(token)), new InvalidLink())
})
const changeEmail = (id: AccountId, email: EmailAddress) =>
  Effect.andThen(
    Profile.use((profile) => profile.changeEmail(id, email)),
    mails
  )
const required = (id: AccountId) => EmailVerification.use((verification) => verification.require(id))

describe("EmailVerification", () => {
  test(
    "verifies the address that the link was sent to, and changes nothing when it is opened again",
    Effect.gen(function* () {
      const { id } = yield* register({ email: adasEmail })
      const token = yield* verificationLink(id, adasEmail)
      yield* advance("5 minutes")
      const verified = yield* verify(token)
      assert.isNotNull(verified.emailVerifiedAt)
      assert.isFalse(verified.needsVerification)
      assert.deepStrictEqual(yield* account({ id }), verified)
      yield* advance("5 minutes")
      assert.deepStrictEqual(yield* verify(token), verified)
      assert.deepStrictEqual(yield* account({ id }), verified)
    })
  )

  test(
    "verifies an address that has been spelt anew since",
    Effect.gen(function* () {
      const { id } = yield* register({ email: adasEmail })
      const token = yield* verificationLink(id, adasEmail)
      yield* changeEmail(id, shouted(adasEmail))
      const { email, emailVerifiedAt } = yield* verify(token)
      assert.strictEqual(email, shouted(adasEmail))
      assert.isNotNull(emailVerifiedAt)
    })
  )

  test(
    "takes no token but that of a link that verifies",
    Effect.gen(function* () {
      const { id } = yield* register({ email: adasEmail })
      for (const token of ["", "garbage", yield* resetLink(adasEmail)]) yield* refused(token)
      yield* refused(yield* verificationLink(unknownAccount, adasEmail))
      yield* refused(yield* verificationLink(id, bobsEmail))
      assert.isNull((yield* account({ id })).emailVerifiedAt)
    })
  )

  testOn(EmailVerification.layer({ emailVerification: "required" }).pipe(Layer.provideMerge(MemoryPorts)))(
    "takes a link for a day",
    Effect.gen(function* () {
      const accounts = yield* AccountRepository
      const { id } = yield* someAccount(adasEmail)
      const [token, late] = [yield* verificationLink(id, adasEmail), yield* verificationLink(id, adasEmail)]
      yield* advance("86399999 millis")
      yield* verify(token)
      yield* advance("1 millis")
      yield* refused(late)
      assert.isNotNull((yield* accounts.findById(id)).emailVerifiedAt)
    })
  )

  test(
    "puts a pending address in the place of the old, and tells that",
    Effect.gen(function* () {
      const { id } = yield* verified({ email: adasEmail })
      yield* changeEmail(id, next)
      yield* advance("1 hour")
      const changed = yield* verify(yield* verificationLink(id, next))
      const { email, emailVerifiedAt, pendingEmail } = changed
      assert.deepStrictEqual({ email, pendingEmail }, { email: next, pendingEmail: null })
      assert.isNotNull(emailVerifiedAt)
      if (emailVerifiedAt === null) return
      assert.deepStrictEqual(yield* mails, [
        { _tag: "AddressChanged", to: adasEmail, at: emailVerifiedAt, accountId: id, newAddress: next }
      ])
      assert.deepStrictEqual(yield* verify(yield* verificationLink(id, next)), changed)
      yield* refused(yield* verificationLink(id, adasEmail))
      assert.deepStrictEqual(yield* mails, [])
    })
  )

  test(
    "gives an account its first address, and has nobody to tell",
    Effect.gen(function* () {
      const { id } = yield* register({ username: ada })
      yield* changeEmail(id, next)
      assert.strictEqual((yield* verify(yield* verificationLink(id, next))).email, next)
      assert.deepStrictEqual(yield* mails, [])
    })
  )

  test(
    "takes no link to an address that is not pending any more",
    Effect.gen(function* () {
      const { id } = yield* verified({ email: adasEmail })
      yield* changeEmail(id, next)
      const token = yield* verificationLink(id, next)
      yield* changeEmail(id, bobsEmail)
      yield* refused(token)
      yield* changeEmail(id, adasEmail)
      yield* refused(yield* verificationLink(id, bobsEmail))
      assert.strictEqual((yield* account({ id })).email, adasEmail)
    })
  )

  test(
    "still verifies the old address while another is pending",
    Effect.gen(function* () {
      const { id } = yield* register({ email: adasEmail })
      yield* changeEmail(id, next)
      const { email, emailVerifiedAt, pendingEmail } = yield* verify(yield* verificationLink(id, adasEmail))
      assert.deepStrictEqual({ email, pendingEmail }, { email: adasEmail, pendingEmail: next })
      assert.isNotNull(emailVerifiedAt)
    })
  )

  test(
    "takes an address from who only claimed it, for who proves to have it",
    Effect.gen(function* () {
      const { id } = yield* verified({ email: adasEmail })
      yield* changeEmail(id, next)
      const squatter = yield* register({ username: bob, email: shouted(next) })
      yield* mails
      const squattersToken = yield* verificationLink(squatter.id, next)
      assert.strictEqual((yield* verify(yield* verificationLink(id, next))).email, next)
      assert.deepStrictEqual(yield* account(squatter), new Account({ ...squatter, email: null }))
      yield* refused(squattersToken)
      const accounts = yield* AccountRepository
      assert.strictEqual(Option.getOrThrow(yield* accounts.findByEmail(next)).id, id)
      assert.deepStrictEqual(
        (yield* mails).map(({ _tag }) => _tag),
        ["AddressChanged"]
      )
    })
  )

  test(
    "leaves an address to who has verified it meanwhile",
    Effect.gen(function* () {
      const before = yield* verified({ email: adasEmail })
      yield* changeEmail(before.id, next)
      const winner = yield* verified({ email: shouted(next) })
      const error = yield* Effect.flip(verify(yield* verificationLink(before.id, next)))
      assert.deepStrictEqual(error, new EmailTaken({ email: next }))
      assert.deepStrictEqual(yield* account(before), new Account({ ...before, pendingEmail: next }))
      assert.deepStrictEqual(yield* account(winner), winner)
      assert.deepStrictEqual(yield* mails, [])
    })
  )

  test(
    "gives an address to one of two accounts that verify it at once",
    Effect.gen(function* () {
      const all = [yield* verified({ email: adasEmail }), yield* verified({ email: bobsEmail })]
      for (const { id } of all) yield* changeEmail(id, next)
      const attempts = all.map(({ id }) => Effect.result(Effect.flatMap(verificationLink(id, next), verify)))
      const results = yield* Effect.all(attempts, { concurrency: "unbounded" })
      const tags = results.map((result) => (result._tag === "Success" ? "Account" : result.failure._tag))
      assert.deepStrictEqual(tags.toSorted(), ["Account", "EmailTaken"])
      assert.lengthOf(yield* mails, 1)
    })
  )

  test(
    "sends the link again, whether there is such an account or not, three times an hour",
    Effect.gen(function* () {
      const { resend } = yield* EmailVerification
      for (const [spelling, email] of [[adasEmail, shouted(adasEmail)] as const, [bobsEmail, bobsEmail] as const]) {
        for (const to of [spelling, email, spelling]) {
          yield* resend(to)
          assert.deepStrictEqual(yield* mails, [{ _tag: "VerificationAgain", to }])
        }
        const error = yield* Effect.flip(resend(email))
        assert.strictEqual(error._tag, "RateLimitExceeded")
        assert.strictEqual(error.name, "mails")
        assert.deepStrictEqual(yield* mails, [])
      }
    })
  )

  test(
    "requires a verified address of who has nothing else",
    Effect.gen(function* () {
      const { id } = yield* register({ email: adasEmail })
      assert.deepStrictEqual(yield* Effect.flip(required(id)), new EmailNotVerified())
      assert.deepStrictEqual(yield* Effect.flip(required(unknownAccount)), new AccountNotFound({ id: unknownAccount }))
      yield* required((yield* register({ username: bob, email: bobsEmail })).id)
      yield* verify(yield* verificationLink(id, adasEmail))
      yield* required(id)
    })
  )

  test(
    "asks nobody about an account that it let in before",
    Effect.gen(function* () {
      const accounts = yield* AccountRepository
      let asked = 0
      const Counting = Layer.succeed(AccountRepository, {
        ...accounts,
        findById: (id) =>
          Effect.andThen(
            Effect.sync(() => void (asked += 1)),
            accounts.findById(id)
          )
      })
      const { id } = yield* register({ email: adasEmail })
      const token = yield* verificationLink(id, adasEmail)
      yield* Effect.gen(function* () {
        yield* Effect.flip(required(id))
        yield* Effect.flip(required(id))
        assert.strictEqual(asked, 2)
        yield* verify(token)
        yield* Effect.replicateEffect(required(id), 5)
        assert.strictEqual(asked, 3)
      }).pipe(
        Effect.provide(
          Layer.fresh(EmailVerification.layer({ emailVerification: "required" })).pipe(Layer.provide(Counting))
        )
      )
    })
  )

  testOn(EmailVerification.layer({ emailVerification: "off" }).pipe(Layer.provideMerge(MemoryPorts)))(
    "requires nothing where it is off, and still verifies and sends",
    Effect.gen(function* () {
      const { id } = yield* someAccount(adasEmail)
      yield* required(id)
      yield* EmailVerification.use((verification) => verification.resend(adasEmail))
      assert.lengthOf(yield* mails, 1)
      assert.isNotNull((yield* verify(yield* verificationLink(id, adasEmail))).emailVerifiedAt)
    })
  )

  test(
    "has the address of a link spelt in any case, and no other",
    Effect.gen(function* () {
      const { id } = yield* register({ email: adasEmail })
      yield* refused(
        yield* link({ purpose: "verification", accountId: id, email: EmailAddress.make("da@example.com") })
      )
      yield* verify(yield* verificationLink(id, shouted(adasEmail)))
    })
  )
})
