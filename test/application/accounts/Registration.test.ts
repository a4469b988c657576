import { assert, describe } from "@effect/vitest"
import { Effect, Layer, Option, Redacted } from "effect"
import { Registration, type RegistrationRequest } from "../../../src/application/accounts/Registration.ts"
import { EmailTaken, Username, UsernameTaken } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { Password } from "../../../src/domain/accounts/Password.ts"
import { PasswordHasher } from "../../../src/domain/accounts/PasswordHasher.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { advance, testOn } from "../RookeryTest.ts"

// Alone, since days pass here and the other use cases look around every few seconds.
const test = testOn(Layer.provideMerge(Registration.layer({ verifiesEmail: true }), MemoryPorts))

const password = Redacted.make(Password.make("correct horse"))
const [ada, bob] = [Username.make("ada"), Username.make("bob")]
const email = EmailAddress.make("Ada@Example.com")

const register = (request: Omit<RegistrationRequest, "password">) =>
  Registration.use((registration) => registration.register({ ...request, password }))
const ownerOf = (identifier: string) =>
  AccountRepository.use((accounts) => accounts.findCredentials(identifier)).pipe(
    Effect.map((found) => Option.getOrUndefined(found)?.accountId)
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
      assert.notInclude(passwordHash, Redacted.value(password))
      const hasher = yield* PasswordHasher
      assert.isTrue((yield* hasher.verify(passwordHash, password)).matches)
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
      const spelled = EmailAddress.make("ADA@example.com")
      const error = yield* Effect.flip(register({ username: bob, email: spelled }))
      assert.deepStrictEqual(error, new EmailTaken({ email: spelled }))
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

  testOn(Layer.provideMerge(Registration.layer({ verifiesEmail: false }), MemoryPorts))(
    "keeps an address for good where nobody can verify one",
    Effect.gen(function* () {
      const first = yield* register({ username: ada, email })
      yield* advance("30 days")
      assert.strictEqual((yield* Effect.flip(register({ username: bob, email })))._tag, "EmailTaken")
      assert.strictEqual(yield* ownerOf(email), first.id)
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
      const attempts = Array.from({ length: 10 }, () => Effect.isSuccess(register({ email })))
      const made = yield* Effect.all(attempts, { concurrency: "unbounded" })
      assert.lengthOf(
        made.filter((success) => success),
        1
      )
    })
  )
})
