import { assert, describe } from "@effect/vitest"
import { Data, DateTime, Deferred, Effect, Fiber, Layer } from "effect"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { SessionEnded } from "../../../src/domain/accounts/Session.ts"
import { SessionRepository } from "../../../src/domain/accounts/SessionRepository.ts"
import { Transaction } from "../../../src/domain/shared/Transaction.ts"
import { advance } from "../RookeryTest.ts"
import { Asked, asks, instance, open, refused, test } from "./SessionWorld.ts"

class Regret extends Data.TaggedError("Regret")<{}> {}

/** Two instances, and two sessions of one account which both of them know. */
const known = Effect.gen(function* () {
  const [here, there] = [yield* instance, yield* instance]
  const one = yield* open(here)
  const { accountId } = one.session
  const two = yield* open(here, { accountId })
  const other = yield* open(here)
  for (const { access } of [one, two, other]) {
    yield* here.authenticate(access)
    yield* there.authenticate(access)
  }
  return { here, there, accountId, one, two, other }
})

describe("the sessions of an account", () => {
  test(
    "are listed, the latest used first, with what is its own",
    Effect.gen(function* () {
      const sessions = yield* instance
      const phone = yield* open(sessions, { dialect: "talk", userAgent: "Puffin/3" })
      const { accountId } = phone.session
      yield* advance("1 minute")
      const browser = yield* open(sessions, { accountId, dialect: "v1", userAgent: "Mozilla/5.0" })
      yield* open(sessions)
      assert.deepStrictEqual(yield* sessions.list(accountId), [browser.session, phone.session])
      yield* sessions.end(browser.access)
      assert.deepStrictEqual(yield* sessions.list(accountId), [phone.session])
      yield* advance("3 hours")
      assert.deepStrictEqual(yield* sessions.list(accountId), [])
    })
  )

  test(
    "show when they were used last: here at once, elsewhere within a minute, and never less than they did",
    Effect.gen(function* () {
      const { accountId, here, one, there, two } = yield* known
      const shown = (at: typeof here) =>
        Effect.map(at.list(accountId), (all) =>
          all.map(({ id, lastUsedAt }) => [id, DateTime.toEpochMillis(lastUsedAt)])
        )
      const ids = [one.session.id, two.session.id]
      yield* advance("70 seconds")
      yield* here.authenticate(two.access)
      assert.deepStrictEqual(yield* shown(here), [
        [ids[1], 70_000],
        [ids[0], 0]
      ])
      yield* advance("5 seconds")
      yield* there.authenticate(one.access)
      yield* advance("1 minute")
      const both = [
        [ids[0], 75_000],
        [ids[1], 70_000]
      ]
      assert.deepStrictEqual(yield* shown(here), both)
      assert.deepStrictEqual(yield* shown(there), both)
      yield* advance("10 minutes")
      assert.deepStrictEqual(yield* shown(there), both)
    })
  )

  test(
    "are written about once a minute, however much they are used, and not at all when they are not",
    Effect.gen(function* () {
      const { here, one, two } = yield* known
      const writes = (work: Effect.Effect<unknown>) =>
        Effect.map(asks(work), (calls) => calls.filter((call) => call === "saveLastUses").length)
      yield* advance("2 minutes")
      const busy = Effect.all([here.authenticate(one.access), here.authenticate(two.access), advance("1 second")])
      assert.strictEqual(yield* writes(Effect.replicateEffect(Effect.orDie(busy), 120)), 2)
      yield* advance("1 minute")
      assert.strictEqual(yield* writes(advance("10 minutes")), 0)
    })
  )

  test(
    "forget no use over an outage of the database",
    Effect.gen(function* () {
      const { accountId, here, one, there, two } = yield* known
      const asked = yield* Asked
      yield* advance("2 minutes")
      yield* here.authenticate(one.access)
      asked.away = true
      yield* advance("2 minutes")
      asked.away = false
      yield* advance("1 minute")
      const [first, second] = yield* there.list(accountId)
      assert.deepStrictEqual([first?.id, second?.id], [one.session.id, two.session.id])
      assert.strictEqual(first && DateTime.toEpochMillis(first.lastUsedAt), 120_000)
    })
  )

  test(
    "end one by one, for their account alone, everywhere",
    Effect.gen(function* () {
      const { accountId, here, one, other, there, two } = yield* known
      const foreign = new SessionEnded({ id: other.session.id })
      assert.deepStrictEqual(yield* Effect.flip(here.endById(accountId, other.session.id)), foreign)
      yield* here.endById(accountId, one.session.id)
      yield* refused(here.authenticate(one.access))
      yield* advance()
      yield* refused(there.authenticate(one.access))
      yield* refused(there.refresh(one.refresh, "classic"))
      const ended = new SessionEnded({ id: one.session.id })
      assert.deepStrictEqual(yield* Effect.flip(there.endById(accountId, one.session.id)), ended)
      for (const { access } of [two, other]) yield* there.authenticate(access)
    })
  )

  test(
    "end all at once, everywhere, but the one that is kept",
    Effect.gen(function* () {
      const { accountId, here, one, other, there, two } = yield* known
      yield* here.endAll(accountId, two.session.id)
      yield* refused(here.authenticate(one.access))
      yield* advance()
      yield* refused(there.authenticate(one.access))
      for (const { access } of [two, other]) yield* there.authenticate(access)
      yield* there.endAll(accountId)
      yield* advance()
      yield* refused(here.authenticate(two.access))
      yield* here.authenticate(other.access)
    })
  )

  test(
    "end with a change, or not at all where that fails",
    Effect.gen(function* () {
      const { accountId, here, one, there, two } = yield* known
      const answer = yield* Effect.flip(here.endAllWith(accountId, Effect.fail(new Regret())))
      assert.deepStrictEqual(answer, new Regret())
      yield* advance()
      for (const at of [here, there]) {
        for (const { access } of [one, two]) assert.deepStrictEqual(yield* asks(at.authenticate(access)), [])
      }
      assert.strictEqual(yield* here.endAllWith(accountId, Effect.succeed("done")), "done")
      yield* advance()
      for (const at of [here, there]) {
        for (const { access } of [one, two]) yield* refused(at.authenticate(access))
      }
    })
  )

  test(
    "are told of only when it is committed that they ended, in whatever transaction that is",
    Effect.gen(function* () {
      const { accountId, here, one, there } = yield* known
      const { atomic } = yield* Transaction
      const [ended, looked] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const change = here
        .endAllWith(accountId, Effect.void)
        .pipe(Effect.andThen(Deferred.succeed(ended, undefined)), Effect.andThen(Deferred.await(looked)), atomic)
      const reader = Effect.gen(function* () {
        yield* Deferred.await(ended)
        yield* advance()
        // Still alive, and whoever had been told by now would come to know it again.
        yield* there.authenticate(one.access)
        yield* Deferred.succeed(looked, undefined)
      })
      yield* Effect.all([change, reader], { concurrency: "unbounded" })
      yield* advance()
      yield* refused(here.authenticate(one.access))
      yield* refused(there.authenticate(one.access))
    })
  )

  test(
    "go with their account, everywhere at once",
    Effect.gen(function* () {
      const { accountId, here, one, other, there, two } = yield* known
      const accounts = yield* AccountRepository
      yield* here.endAllWith(accountId, accounts.delete(accountId))
      yield* advance()
      for (const at of [here, there]) {
        for (const { access } of [one, two]) yield* refused(at.authenticate(access))
        yield* at.authenticate(other.access)
      }
    })
  )

  test(
    "that are gone without a word are found out within a minute of being used",
    Effect.gen(function* () {
      const { accountId, one, there } = yield* known
      const accounts = yield* AccountRepository
      yield* advance("1 minute")
      // As by an instance that is killed between its commit and its word of it.
      yield* accounts.delete(accountId)
      yield* there.authenticate(one.access)
      yield* advance("1 minute")
      yield* refused(there.authenticate(one.access))
    })
  )

  test(
    "are forgotten also where whoever asked for their end is gone before it has answered",
    Effect.gen(function* () {
      const sessions = yield* SessionRepository
      const Unheard = Layer.succeed(SessionRepository, {
        ...sessions,
        end: (id, now) => Effect.andThen(sessions.end(id, now), Effect.never),
        endByAccount: (accountId, id, now) => Effect.andThen(sessions.endByAccount(accountId, id, now), Effect.never)
      })
      const here = yield* Effect.provide(instance, Unheard)
      const [one, two] = [yield* open(here), yield* open(here)]
      for (const { access } of [one, two]) yield* here.authenticate(access)
      for (const end of [here.end(one.access), here.endById(two.session.accountId, two.session.id)]) {
        const fiber = yield* Effect.forkChild(end)
        yield* advance()
        yield* Fiber.interrupt(fiber)
      }
      for (const { access } of [one, two]) yield* refused(here.authenticate(access))
    })
  )
})
