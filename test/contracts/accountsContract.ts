import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer, Option } from "effect"
import {
  type AccountId,
  AccountNotFound,
  EmailTaken,
  PasswordHash,
  PersonName,
  Username,
  UsernameTaken
} from "../../src/domain/accounts/Account.ts"
import { AccountRepository, type NewAccount } from "../../src/domain/accounts/AccountRepository.ts"
import { EmailAddress } from "../../src/domain/shared/EmailAddress.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { someUsername, unknownAccount } from "./Fixtures.ts"
import { textsOf } from "./Texts.ts"

const now = DateTime.makeUnsafe("2026-03-01T12:00:00.123Z")
const someEmail = () => EmailAddress.make(`Ada.${crypto.randomUUID()}@Example.com`)
const nobody: NewAccount = {
  username: null,
  email: null,
  firstName: null,
  lastName: null,
  passwordHash: PasswordHash.make("$first$")
}
const shout = (text: string) => text.toUpperCase()

/** Every AccountRepository must pass this, whatever it stores accounts in. */
export const accountsContract = <E>(name: string, adapter: Layer.Layer<AccountRepository | Transaction, E>) =>
  layer(adapter, { excludeTestServices: true })(`AccountRepository: ${name}`, (it) => {
    const insert = (account: Partial<NewAccount>) =>
      AccountRepository.use((accounts) => accounts.insert({ ...nobody, ...account }, now))
    const ownerOf = (identifier: string) =>
      AccountRepository.use((accounts) => accounts.findCredentials(identifier)).pipe(
        Effect.map(Option.map((credentials) => credentials.account.id))
      )

    it.effect("returns the account that it made, and its credentials by name and address", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const [username, email] = [someUsername(), someEmail()]
        const account = yield* insert({ username, email, firstName: "Ada", lastName: "Lovelace" })
        assert.deepStrictEqual(
          { ...account },
          {
            id: account.id,
            username,
            email,
            emailVerifiedAt: null,
            pendingEmail: null,
            phoneNumber: null,
            avatarId: null,
            firstName: "Ada",
            lastName: "Lovelace",
            createdAt: now
          }
        )
        const credentials = Option.some({ account, passwordHash: nobody.passwordHash })
        assert.deepStrictEqual(yield* accounts.findById(account.id), account)
        assert.deepStrictEqual(yield* accounts.findByIdForUpdate(account.id), account)
        assert.deepStrictEqual(yield* accounts.findByIdForChange(account.id), account)
        assert.deepStrictEqual(yield* accounts.findByEmail(email), Option.some(account))
        assert.deepStrictEqual(yield* accounts.findByEmail(EmailAddress.make(shout(email))), Option.some(account))
        assert.deepStrictEqual(yield* accounts.findCredentialsById(account.id), credentials)
        assert.deepStrictEqual(yield* accounts.findCredentials(username), credentials)
        assert.deepStrictEqual(yield* accounts.findCredentials(email), credentials)
        assert.deepStrictEqual(yield* accounts.findCredentials(shout(username)), credentials)
        assert.deepStrictEqual(yield* accounts.findCredentials(shout(email)), credentials)
      })
    )

    it.effect("lets any number of accounts go without a name or an address", () =>
      Effect.gen(function* () {
        const ids: Array<AccountId> = []
        for (const account of [{}, {}, { username: someUsername() }, { email: someEmail() }]) {
          ids.push((yield* insert(account)).id)
        }
        assert.strictEqual(new Set(ids).size, 4)
        assert.deepStrictEqual(
          ids,
          ids.toSorted((one, other) => one - other)
        )
      })
    )

    it.effect("refuses a name or an address that is taken in another case", () =>
      Effect.gen(function* () {
        const [username, email] = [someUsername(), someEmail()]
        yield* insert({ username, email })
        const sameName = Username.make(shout(username))
        const sameEmail = EmailAddress.make(shout(email))
        assert.deepStrictEqual(
          yield* Effect.flip(insert({ username: sameName })),
          new UsernameTaken({ username: sameName })
        )
        assert.deepStrictEqual(yield* Effect.flip(insert({ email: sameEmail })), new EmailTaken({ email: sameEmail }))
      })
    )

    it.effect("looks at the name first", () =>
      Effect.gen(function* () {
        const [username, email] = [someUsername(), someEmail()]
        yield* insert({ email })
        yield* insert({ username })
        const error = yield* Effect.flip(insert({ username, email }))
        assert.strictEqual(error._tag, "UsernameTaken")
      })
    )

    it.effect("keeps nothing of an account that it refused", () =>
      Effect.gen(function* () {
        const [username, email] = [someUsername(), someEmail()]
        yield* insert({ username })
        yield* Effect.flip(insert({ username, email }))
        assert.isTrue(Option.isNone(yield* ownerOf(email)))
        const { id } = yield* insert({ email })
        assert.deepStrictEqual(yield* ownerOf(email), Option.some(id))
      })
    )

    it.effect("lets one of many at once have a name", () =>
      Effect.gen(function* () {
        const username = someUsername()
        const attempts = Array.from({ length: 12 }, () => Effect.result(insert({ username })))
        const results = yield* Effect.all(attempts, { concurrency: "unbounded" })
        const tags = results.map((result) => (result._tag === "Success" ? "Account" : result.failure._tag))
        assert.deepStrictEqual(tags.toSorted(), ["Account", ...Array.from({ length: 11 }, () => "UsernameTaken")])
      })
    )

    it.effect("leaves the transaction usable after it refused", () =>
      Effect.gen(function* () {
        const { atomic } = yield* Transaction
        const [taken, free] = [someUsername(), someUsername()]
        yield* insert({ username: taken })
        const { id } = yield* insert({ username: taken }).pipe(
          Effect.catchTag("UsernameTaken", () => insert({ username: free })),
          atomic
        )
        assert.deepStrictEqual(yield* ownerOf(free), Option.some(id))
      })
    )

    it.effect("finds no account that there is not", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const notFound = new AccountNotFound({ id: unknownAccount })
        assert.deepStrictEqual(yield* Effect.flip(accounts.findById(unknownAccount)), notFound)
        assert.deepStrictEqual(yield* Effect.flip(accounts.findByIdForUpdate(unknownAccount)), notFound)
        assert.deepStrictEqual(yield* Effect.flip(accounts.findByIdForChange(unknownAccount)), notFound)
        assert.isTrue(Option.isNone(yield* accounts.findByEmail(someEmail())))
        assert.isTrue(Option.isNone(yield* accounts.findCredentialsById(unknownAccount)))
      })
    )

    it.effect("finds nobody for what is no identifier", () =>
      Effect.gen(function* () {
        yield* insert({ username: Username.make("percent"), email: EmailAddress.make("percent@example.com") })
        const strange = ["", " ", "%", "per%", "percent ", "percent\u0000", "\ud800", "a@", "@", "%@%", "x".repeat(1e6)]
        for (const identifier of [
          ...strange,
          someUsername(),
          someEmail(),
          "' OR 1=1 --",
          "percent@example.com\u0000"
        ]) {
          assert.isTrue(Option.isNone(yield* ownerOf(identifier)), JSON.stringify(identifier.slice(0, 40)))
        }
      })
    )

    it.effect.prop(
      "keeps names to the letter",
      { firstName: textsOf(PersonName), lastName: textsOf(PersonName) },
      (names) =>
        Effect.gen(function* () {
          const { firstName, lastName } = yield* insert(names)
          assert.deepStrictEqual({ firstName, lastName }, names)
        }),
      { arbitrary: { runs: 40 } }
    )
  })
