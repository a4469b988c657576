import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer, Option } from "effect"
import { Account, AccountNotFound, PhoneTaken } from "../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import type { PhoneDigits } from "../../src/domain/shared/PhoneNumber.ts"
import { Transaction } from "../../src/domain/shared/Transaction.ts"
import { someAccount, somePhone, unknownAccount } from "./Fixtures.ts"

const now = DateTime.makeUnsafe("2026-03-01T12:00:00.123Z")

/** What every AccountRepository must make of phone numbers, whatever it stores accounts in. */
export const accountPhonesContract = <E>(name: string, adapter: Layer.Layer<AccountRepository | Transaction, E>) =>
  layer(adapter, { excludeTestServices: true })(`AccountRepository, phone numbers: ${name}`, (it) => {
    const insert = (phone: PhoneDigits) => AccountRepository.use((accounts) => accounts.insertWithPhone(phone, now))
    const save = ({ id }: Pick<Account, "id">, phone: PhoneDigits) =>
      AccountRepository.use((accounts) => accounts.savePhone(id, phone))
    const ownerOf = (phone: PhoneDigits) =>
      AccountRepository.use((accounts) => accounts.findByPhone(phone)).pipe(
        Effect.map((found) => Option.getOrUndefined(found)?.id)
      )
    const outcomes = (attempts: ReadonlyArray<Effect.Effect<Account, { readonly _tag: string }, AccountRepository>>) =>
      Effect.forEach(attempts, Effect.result, { concurrency: "unbounded" }).pipe(
        Effect.map((results) =>
          results.map((one) => (one._tag === "Success" ? "Account" : one.failure._tag)).toSorted()
        )
      )

    it.effect("makes an account that has nothing else, and is found by it", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const phone = somePhone()
        const account = yield* insert(phone)
        assert.deepStrictEqual(
          { ...account },
          {
            id: account.id,
            username: null,
            email: null,
            emailVerifiedAt: null,
            pendingEmail: null,
            phoneNumber: phone,
            avatarId: null,
            firstName: null,
            lastName: null,
            createdAt: now
          }
        )
        assert.deepStrictEqual(yield* accounts.findById(account.id), account)
        assert.deepStrictEqual(yield* accounts.findByPhone(phone), Option.some(account))
        assert.isTrue(Option.isNone(yield* accounts.findCredentialsById(account.id)))
        assert.isTrue(Option.isNone(yield* accounts.findCredentials(phone)))
        assert.isUndefined(yield* ownerOf(somePhone()))
      })
    )

    it.effect("gives an account a number, and another one in its place, and changes nothing else", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const account = yield* someAccount
        const [first, second] = [somePhone(), somePhone()]
        const withFirst = yield* save(account, first)
        assert.deepStrictEqual(withFirst, new Account({ ...account, phoneNumber: first }))
        assert.deepStrictEqual(yield* save(account, first), withFirst)
        assert.deepStrictEqual(yield* save(account, second), new Account({ ...account, phoneNumber: second }))
        assert.isUndefined(yield* ownerOf(first))
        assert.strictEqual(yield* ownerOf(second), account.id)
        const saved = yield* accounts.save(new Account({ ...account, firstName: "Ada" }), now)
        assert.strictEqual(saved.phoneNumber, second)
        assert.strictEqual((yield* insert(first)).phoneNumber, first)
      })
    )

    it.effect("gives no number that another has, nor to an account that there is not", () =>
      Effect.gen(function* () {
        const { atomic } = yield* Transaction
        const [phone, free] = [somePhone(), somePhone()]
        const holder = yield* insert(phone)
        const other = yield* someAccount
        const taken = new PhoneTaken({ phoneNumber: phone })
        assert.deepStrictEqual(yield* Effect.flip(save(other, phone)), taken)
        assert.deepStrictEqual(yield* Effect.flip(insert(phone)), taken)
        const missing = yield* Effect.flip(save({ id: unknownAccount }, free))
        assert.deepStrictEqual(missing, new AccountNotFound({ id: unknownAccount }))
        assert.strictEqual(yield* ownerOf(phone), holder.id)
        // The transaction is usable after it refused to insert.
        const again = insert(phone).pipe(Effect.catchTag("PhoneTaken", () => insert(free)))
        assert.strictEqual((yield* atomic(again)).id, yield* ownerOf(free))
      })
    )

    it.effect("gives a number to one of many at once", () =>
      Effect.gen(function* () {
        const [signedUp, added] = [somePhone(), somePhone()]
        const others = yield* Effect.replicateEffect(someAccount, 6)
        const one = ["Account", ...Array.from({ length: 5 }, () => "PhoneTaken")]
        assert.deepStrictEqual(yield* outcomes(others.map(() => insert(signedUp))), one)
        assert.deepStrictEqual(yield* outcomes(others.map((other) => save(other, added))), one)
      })
    )

    it.effect("frees the number of an account that is deleted", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const phone = somePhone()
        const { id } = yield* insert(phone)
        yield* accounts.delete(id)
        assert.isUndefined(yield* ownerOf(phone))
        assert.notStrictEqual((yield* insert(phone)).id, id)
      })
    )
  })
