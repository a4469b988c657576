import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer, Option } from "effect"
import {
  Account,
  AccountNotFound,
  AvatarId,
  EmailTaken,
  PasswordHash,
  Username
} from "../../src/domain/accounts/Account.ts"
import { AccountRepository, type NewAccount } from "../../src/domain/accounts/AccountRepository.ts"
import { EmailAddress } from "../../src/domain/shared/EmailAddress.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { someUsername, unknownAccount } from "./Fixtures.ts"

const now = DateTime.makeUnsafe("2026-03-01T12:00:00.123Z")
const minutes = (count: number) => DateTime.add(now, { minutes: count })
const justAfter = (time: DateTime.Utc) => DateTime.add(time, { milliseconds: 1 })
const someEmail = () => EmailAddress.make(`Ada.${crypto.randomUUID()}@Example.com`)
const shouted = (email: EmailAddress) => EmailAddress.make(email.toUpperCase())
const first = PasswordHash.make("$first$")

/** What every AccountRepository must make of changes, whatever it stores accounts in. */
export const accountChangesContract = <E>(name: string, adapter: Layer.Layer<AccountRepository | Transaction, E>) =>
  layer(adapter, { excludeTestServices: true })(`AccountRepository, changes: ${name}`, (it) => {
    const insert = (account: Partial<NewAccount>) =>
      AccountRepository.use((accounts) =>
        accounts.insert(
          { username: null, email: null, firstName: null, lastName: null, passwordHash: first, ...account },
          now
        )
      )
    const changed = (account: Account, change: Partial<Account>) => new Account({ ...account, ...change })
    const save = (account: Account, change: Partial<Account>, at = minutes(1)) =>
      AccountRepository.use((accounts) => accounts.save(changed(account, change), at))
    const ownerOf = (email: EmailAddress) =>
      AccountRepository.use((accounts) => accounts.findByEmail(email)).pipe(
        Effect.map((found) => Option.getOrUndefined(found)?.id)
      )

    it.effect("saves all but the username and when it was made", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const account = yield* insert({ username: someUsername(), email: someEmail() })
        const change = {
          email: someEmail(),
          emailVerifiedAt: minutes(2),
          pendingEmail: someEmail(),
          avatarId: AvatarId.make("0123456789abcdef0123456789abcdef"),
          firstName: "Ada",
          lastName: "Lovelace"
        }
        const saved = yield* save(account, { ...change, username: Username.make("other"), createdAt: minutes(3) })
        assert.deepStrictEqual(saved, changed(account, change))
        assert.deepStrictEqual(yield* accounts.findById(account.id), saved)
        const { passwordHash } = Option.getOrThrow(yield* accounts.findCredentialsById(account.id))
        assert.strictEqual(passwordHash, first)

        const nothing = { email: null, emailVerifiedAt: null, pendingEmail: null, avatarId: null }
        yield* save(saved, nothing)
        assert.deepStrictEqual(yield* accounts.findById(account.id), changed(saved, nothing))
      })
    )

    it.effect("saves no account that there is not", () =>
      Effect.gen(function* () {
        const account = yield* insert({})
        const error = yield* Effect.flip(save(account, { id: unknownAccount }))
        assert.deepStrictEqual(error, new AccountNotFound({ id: unknownAccount }))
      })
    )

    it.effect("saves no address that is another's in another case", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const email = someEmail()
        const holder = yield* insert({ email })
        const account = yield* insert({ email: someEmail() })
        const error = yield* Effect.flip(save(account, { email: shouted(email), firstName: "Ada" }))
        assert.deepStrictEqual(error, new EmailTaken({ email: shouted(email) }))
        assert.deepStrictEqual(yield* accounts.findById(account.id), account)
        assert.strictEqual(yield* ownerOf(email), holder.id)
      })
    )

    it.effect("gives an address to one of many who save it at once", () =>
      Effect.gen(function* () {
        const email = someEmail()
        const all = yield* Effect.replicateEffect(insert({}), 8)
        const attempts = all.map((account) => Effect.result(save(account, { email })))
        const results = yield* Effect.all(attempts, { concurrency: "unbounded" })
        const tags = results.map((result) => (result._tag === "Success" ? "Account" : result.failure._tag))
        assert.deepStrictEqual(tags.toSorted(), ["Account", ...Array.from({ length: 7 }, () => "EmailTaken")])
      })
    )

    it.effect("moves addresses between accounts within one transaction", () =>
      Effect.gen(function* () {
        const { atomic } = yield* Transaction
        const email = someEmail()
        const [one, other] = [yield* insert({ email }), yield* insert({})]
        yield* atomic(Effect.andThen(save(one, { email: null }), save(other, { email })))
        assert.strictEqual(yield* ownerOf(email), other.id)
      })
    )

    it.effect("lets nobody else change an account that is locked", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const { atomic } = yield* Transaction
        const { id } = yield* insert({ firstName: "" })
        const append = Effect.gen(function* () {
          const account = yield* accounts.findByIdForUpdate(id)
          yield* Effect.yieldNow
          yield* accounts.save(changed(account, { firstName: `${account.firstName}x` }), now)
        }).pipe(atomic)
        yield* Effect.all(
          Array.from({ length: 8 }, () => append),
          { concurrency: "unbounded" }
        )
        assert.strictEqual((yield* accounts.findById(id)).firstName, "xxxxxxxx")
      })
    )

    it.effect("releases an address only when its claim is older than that", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const [username, email] = [someUsername(), someEmail()]
        const account = yield* insert({ username, email })
        assert.isFalse(yield* accounts.releaseUnverifiedEmail(email, now))
        assert.strictEqual(yield* ownerOf(email), account.id)
        assert.isTrue(yield* accounts.releaseUnverifiedEmail(shouted(email), justAfter(now)))
        assert.isFalse(yield* accounts.releaseUnverifiedEmail(email, justAfter(now)))
        assert.deepStrictEqual(yield* accounts.findById(account.id), changed(account, { email: null }))
        assert.isTrue(Option.isNone(yield* accounts.findCredentials(email)))
        assert.isTrue(Option.isSome(yield* accounts.findCredentials(username)))
        const second = yield* insert({ email })
        assert.strictEqual(yield* ownerOf(email), second.id)
      })
    )

    it.effect("releases no address that was verified", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const email = someEmail()
        const account = yield* insert({ email })
        yield* save(account, { emailVerifiedAt: minutes(1) })
        assert.isFalse(yield* accounts.releaseUnverifiedEmail(email, minutes(60)))
        assert.strictEqual(yield* ownerOf(email), account.id)
      })
    )

    it.effect("claims an address when it is saved, and not again when it is spelt anew", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const email = someEmail()
        const account = yield* insert({ email: someEmail() })
        yield* save(account, { email }, minutes(10))
        assert.isFalse(yield* accounts.releaseUnverifiedEmail(email, minutes(10)))
        yield* save(account, { email: shouted(email) }, minutes(20))
        assert.strictEqual((yield* accounts.findById(account.id)).email, shouted(email))
        assert.isTrue(yield* accounts.releaseUnverifiedEmail(email, justAfter(minutes(10))))
      })
    )

    it.effect("knows who holds an address: who verified it, or claimed it not long ago", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const holderOf = (email: EmailAddress, claimedBefore: DateTime.Utc) =>
          Effect.map(accounts.findHolderOfEmail(email, claimedBefore), Option.getOrUndefined)
        const email = someEmail()
        const account = yield* insert({ email })
        assert.deepStrictEqual(yield* holderOf(shouted(email), now), account)
        assert.isUndefined(yield* holderOf(email, justAfter(now)))
        const verified = yield* save(account, { emailVerifiedAt: minutes(1) })
        assert.deepStrictEqual(yield* holderOf(email, minutes(60)), verified)
        assert.isUndefined(yield* holderOf(someEmail(), now))
      })
    )

    it.effect("lists the oldest of those whose pending address it is, who do not have it", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const pendingEmail = someEmail()
        const all = yield* Effect.replicateEffect(
          Effect.suspend(() => insert({ email: someEmail() })),
          12
        )
        yield* Effect.forEach(all.toReversed(), (account) => save(account, { pendingEmail }))
        const listed = yield* accounts.listByPendingEmail(shouted(pendingEmail))
        assert.deepStrictEqual(
          listed,
          all.slice(0, 10).map((account) => changed(account, { pendingEmail }))
        )
        assert.isUndefined(yield* ownerOf(pendingEmail))
        assert.isTrue(Option.isNone(yield* accounts.findCredentials(pendingEmail)))
        yield* insert({ email: pendingEmail })
        assert.deepStrictEqual(yield* accounts.listByPendingEmail(someEmail()), [])
      })
    )

    it.effect("replaces the password hash of that account alone, unless it was replaced meanwhile", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const [one, other] = [yield* insert({}), yield* insert({})]
        const [second, third] = [PasswordHash.make("$second$"), PasswordHash.make("$third$")]
        const hashOf = ({ id }: Account) =>
          Effect.map(accounts.findCredentialsById(id), (found) => Option.getOrThrow(found).passwordHash)
        assert.isTrue(yield* accounts.savePasswordHash(one.id, second, first))
        assert.isFalse(yield* accounts.savePasswordHash(one.id, third, first))
        assert.isFalse(yield* accounts.savePasswordHash(unknownAccount, third, first))
        assert.strictEqual(yield* hashOf(one), second)
        assert.strictEqual(yield* hashOf(other), first)
        assert.deepStrictEqual(yield* accounts.findById(one.id), one)
      })
    )
  })
