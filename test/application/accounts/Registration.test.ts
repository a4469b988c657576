import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Layer, Option, Redacted } from "effect"
import { Registration } from "../../../src/application/accounts/Registration.ts"
import { EmailTaken, Username, UsernameTaken } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { MailQueue } from "../../../src/domain/accounts/MailQueue.ts"
import { PasswordHasher } from "../../../src/domain/accounts/PasswordHasher.ts"
import { OutboxSignal } from "../../../src/domain/events/OutboxSignal.ts"
import { RateLimits } from "../../../src/domain/shared/RateLimits.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { advance, testOn } from "../RookeryTest.ts"
import { ada, adasEmail as email, bob, mails, register, right, shouted } from "./AccountWorld.ts"

// Alone, since days pass here and the other use cases look around every few seconds.
const test = testOn(Layer.provideMerge(Registration.layer, MemoryPorts))

const ownerOf = (identifier: string) =>
  AccountRepository.use((accounts) => accounts.findCredentials(identifier)).pipe(
    Effect.map((found) => Option.getOrUndefined(found)?.account.id)
  )

describe("Registration", () => {
  test(
    "makes an account that can be found, with a hash of its password",
    Effect.gen(function* () {
      const account = yield* register({ username: ada, email, firstName: "Ada" })
      const { emailVerifiedAt, firstName, lastName, username } = account
      assert.deepStrictEqual(
        { username, firstName, lastName, emailVerifiedAt },
        {
          username: ada,
          firstName: "Ada",
          lastName: null,
          emailVerifiedAt: null
        }
      )
      const accounts = yield* AccountRepository
      const { passwordHash } = Option.getOrThrow(yield* accounts.findCredentials("ada@example.COM"))
      assert.notInclude(passwordHash, Redacted.value(right))
      const hasher = yield* PasswordHasher
      assert.isTrue((yield* hasher.verify(passwordHash, right)).matches)
    })
  )

  test(
    "refuses a name that is taken in another case",
    Effect.gen(function* () {
      yield* register({ username: ada })
      const username = Username.make("ADA")
      assert.deepStrictEqual(yield* Effect.flip(register({ username })), new UsernameTaken({ username }))
    })
  )

  test(
    "keeps an address for a day for whoever claimed it",
    Effect.gen(function* () {
      const first = yield* register({ username: ada, email })
      yield* advance("24 hours")
      const error = yield* Effect.flip(register({ username: bob, email: shouted(email) }))
      assert.deepStrictEqual(error, new EmailTaken({ email: shouted(email) }))
      assert.strictEqual(yield* ownerOf(email), first.id)
      assert.isUndefined(yield* ownerOf(bob))
    })
  )

  test(
    "gives an address that nobody verified to the next who asks after a day",
    Effect.gen(function* () {
      const first = yield* register({ username: ada, email })
      yield* advance("24 hours")
      yield* advance("1 millis")
      const second = yield* register({ username: bob, email })
      assert.strictEqual(yield* ownerOf(email), second.id)
      assert.strictEqual(yield* ownerOf(ada), first.id)
      assert.strictEqual(second.email, email)
      yield* advance("23 hours")
      assert.strictEqual((yield* Effect.flip(register({ email })))._tag, "EmailTaken")
    })
  )

  test(
    "takes no address away for an account that its name keeps from being made",
    Effect.gen(function* () {
      const first = yield* register({ username: ada, email })
      yield* advance("3 days")
      assert.strictEqual((yield* Effect.flip(register({ username: ada, email })))._tag, "UsernameTaken")
      assert.strictEqual(yield* ownerOf(email), first.id)
    })
  )

  test(
    "gives an old claim to one of many who ask at once",
    Effect.gen(function* () {
      yield* register({ username: ada, email })
      yield* advance("3 days")
      yield* mails
      const attempts = Array.from({ length: 10 }, () => Effect.isSuccess(register({ email })))
      const made = yield* Effect.all(attempts, { concurrency: "unbounded" })
      assert.lengthOf(
        made.filter((success) => success),
        1
      )
      assert.lengthOf(yield* mails, 1)
    })
  )

  test(
    "asks for the mail that verifies the address, and wakes what sends it",
    Effect.gen(function* () {
      const woken = yield* OutboxSignal.use(({ subscribe }) => subscribe)
      const waiting = yield* Effect.forkChild(woken)
      const { id } = yield* register({ email })
      yield* Fiber.join(waiting)
      assert.deepStrictEqual(yield* mails, [{ _tag: "Verification", accountId: id, to: email }])
    })
  )

  test(
    "asks for no mail where there is no address, or no account is made",
    Effect.gen(function* () {
      yield* register({ username: ada })
      assert.deepStrictEqual(yield* mails, [])
      yield* register({ email })
      assert.lengthOf(yield* mails, 1)
      yield* Effect.flip(register({ email }))
      yield* Effect.flip(register({ username: ada, email }))
      assert.deepStrictEqual(yield* mails, [])
    })
  )

  testOn(
    Registration.layer.pipe(
      Layer.provide(Layer.succeed(MailQueue, { enqueue: () => Effect.die("the mail can't be kept") })),
      Layer.provideMerge(MemoryPorts)
    )
  )(
    "makes no account whose mail can't be kept",
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.exit(register({ username: ada, email })))._tag, "Failure")
      assert.isUndefined(yield* ownerOf(ada))
    })
  )

  test(
    "counts its mails with those that are asked for, in whatever case",
    Effect.gen(function* () {
      const limits = yield* RateLimits
      yield* register({ email })
      yield* Effect.flip(register({ email }))
      const left = Effect.map(limits.consume("mails", "ada@example.com"), (allowance) => allowance?.remaining)
      assert.strictEqual(yield* left, 1)
    })
  )

  test(
    "sends its mail however many were asked for before",
    Effect.gen(function* () {
      const limits = yield* RateLimits
      yield* Effect.replicateEffect(Effect.exit(limits.consume("mails", "ada@example.com")), 9)
      const { id } = yield* register({ email })
      assert.deepStrictEqual(yield* mails, [{ _tag: "Verification", accountId: id, to: email }])
    })
  )
})
