import { assert, layer } from "@effect/vitest"
import { Context, Deferred, Duration, Effect, Layer, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { RevocationsMemory } from "../../src/adapters/memory/RevocationsMemory.ts"
import { TokensMemory } from "../../src/adapters/memory/TokensMemory.ts"
import { Sessions } from "../../src/application/accounts/Sessions.ts"
import { type AccountId, type AccountNotFound, PasswordHash } from "../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import type { SessionRepository } from "../../src/domain/accounts/SessionRepository.ts"
import type { Transaction } from "../../src/domain/shared/Transaction.ts"
import { someAccount } from "./Fixtures.ts"

type Ports = AccountRepository | SessionRepository | Transaction

const lifetimes = { access: Duration.minutes(15), session: Duration.hours(3) }
const old = PasswordHash.make("$none$")

/** What is done to sessions at once, on two instances, has to come to the same whatever stores them. */
export const sessionRacesContract = <E>(name: string, adapter: Layer.Layer<Ports, E>) =>
  layer(
    Layer.mergeAll(TokensMemory, RevocationsMemory, SecureRandom.layerWebCrypto).pipe(Layer.provideMerge(adapter)),
    { excludeTestServices: true }
  )(`Sessions at once: ${name}`, (it) => {
    const instance = Effect.map(Layer.build(Layer.fresh(Sessions.layer(lifetimes))), (built) =>
      Context.get(built, Sessions)
    )
    const instances = Effect.all([instance, instance])

    const open = Effect.fnUntraced(function* (sessions: Sessions["Service"], accountId: AccountId) {
      const request = { accountId, dialect: "v1", refreshable: true, userAgent: undefined } as const
      const { accessToken, refreshToken } = yield* sessions.open({ ...request, passwordHash: old })
      return { access: Redacted.value(accessToken), refresh: Redacted.value(refreshToken ?? accessToken) }
    })

    /** Opens sessions on both instances until none opens any more, and shows each to both as soon as it is there. */
    const opening = Effect.fnUntraced(function* (
      [here, there]: readonly [Sessions["Service"], Sessions["Service"]],
      accountId: AccountId,
      begun: Deferred.Deferred<void>
    ) {
      const opened: Array<string> = []
      const openAndUse = Effect.gen(function* () {
        const { access } = yield* open(opened.length % 2 === 0 ? here : there, accountId)
        opened.push(access)
        if (opened.length === 20) yield* Deferred.succeed(begun, undefined)
        yield* Effect.ignore(Effect.all([here.authenticate(access), there.authenticate(access)]))
      })
      const attempts = Array.from({ length: 8 }, () => Effect.ignore(Effect.forever(openAndUse)))
      yield* Effect.all(attempts, { concurrency: "unbounded", discard: true })
      return opened
    })

    it.effect("are rotated once by ten who come together, and all get the same refresh token", () =>
      Effect.gen(function* () {
        const [here, there] = yield* instances
        const { id: accountId } = yield* someAccount
        const { refresh } = yield* open(here, accountId)
        const attempts = Array.from({ length: 10 }, (_, index) =>
          (index % 2 === 0 ? here : there).rotate(refresh, "v1")
        )
        const pairs = yield* Effect.all(attempts, { concurrency: "unbounded" })
        const current = new Set(pairs.map(({ refreshToken }) => Redacted.value(refreshToken)))
        assert.strictEqual(current.size, 1)
        for (const { accessToken } of pairs) yield* there.authenticate(Redacted.value(accessToken))
        assert.lengthOf(yield* here.list(accountId), 1)
        for (const token of current) yield* there.rotate(token, "v1")
      })
    )

    /** What is open on an account is used all the time, and more and more is opened, until the change has come. */
    const survivors = Effect.fnUntraced(function* (
      change: (accountId: AccountId, at: Sessions["Service"]) => Effect.Effect<unknown, AccountNotFound>
    ) {
      const both = yield* instances
      const { id: accountId } = yield* someAccount
      const begun = yield* Deferred.make<void>()
      const changing = Effect.andThen(Deferred.await(begun), change(accountId, both[0]))
      const [opened] = yield* Effect.all([opening(both, accountId, begun), changing], { concurrency: "unbounded" })
      assert.isAtLeast(opened.length, 20)
      assert.isEmpty(yield* both[0].list(accountId))
      // The other instance hears of it in its own time.
      yield* Effect.sleep("50 millis")
      const uses = both.flatMap((at) => opened.map((access) => Effect.isSuccess(at.authenticate(access))))
      return (yield* Effect.all(uses)).filter((success) => success).length
    })

    it.effect("do not outlive a change of the password that was shown for them", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        const save = (accountId: AccountId) => accounts.savePasswordHash(accountId, PasswordHash.make("$new$"), old)
        assert.strictEqual(yield* survivors((accountId, at) => at.endAllWith(accountId, save(accountId))), 0)
      })
    )

    it.effect("do not outlive their account", () =>
      Effect.gen(function* () {
        const accounts = yield* AccountRepository
        assert.strictEqual(yield* survivors((accountId, at) => at.endAllWith(accountId, accounts.delete(accountId))), 0)
      })
    )
  })
