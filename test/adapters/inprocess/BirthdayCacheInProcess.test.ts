import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { BirthdayCacheInProcess } from "../../../src/adapters/inprocess/BirthdayCacheInProcess.ts"
import { BirthdayCacheNone } from "../../../src/adapters/inprocess/BirthdayCacheNone.ts"
import { KeptBirthdays } from "../../../src/adapters/inprocess/KeptBirthdays.ts"
import { AccountId } from "../../../src/domain/accounts/Account.ts"
import { BirthdayCache } from "../../../src/domain/contacts/BirthdayCache.ts"
import {
  ada,
  birthdayCacheContract,
  finding,
  grace,
  person,
  today,
  tomorrow
} from "../../contracts/birthdayCacheContract.ts"

birthdayCacheContract(
  "in-process",
  Effect.gen(function* () {
    const context = yield* Layer.build(Layer.fresh(BirthdayCacheInProcess))
    const cache = yield* BirthdayCache.pipe(Effect.provide(context))
    return [cache, cache] as const
  })
)

describe("BirthdayCacheInProcess", () => {
  it.effect("keeps what was found for an hour, however often it is asked for", () =>
    Effect.gen(function* () {
      const cache = yield* BirthdayCache
      const search = finding([person(1)])
      for (const [minutes, times] of [
        [0, 1],
        [59, 1],
        [1, 2],
        [30, 2],
        [29, 2],
        [1, 3]
      ] as const) {
        yield* TestClock.adjust(`${minutes} minutes`)
        yield* cache.lookup(ada, today, search.find)
        assert.strictEqual(search.times, times)
      }
    }).pipe(Effect.provide(Layer.fresh(BirthdayCacheInProcess)))
  )
})

describe("BirthdayCacheNone", () => {
  it.effect("finds each time", () =>
    Effect.gen(function* () {
      const cache = yield* BirthdayCache
      const search = finding([person(1)])
      for (const _ of [1, 2]) assert.deepStrictEqual(yield* cache.lookup(ada, today, search.find), [person(1)])
      yield* cache.forget(ada)
      assert.strictEqual(search.times, 2)
    }).pipe(Effect.provide(BirthdayCacheNone))
  )
})

describe("KeptBirthdays", () => {
  const people = (count: number) => Array.from({ length: count }, (_, index) => person(index + 1))

  it("lets go of whoever was not asked for the longest, where there are too many people", () => {
    // Room for three accounts with 40 people each, who count as 50.
    const kept = new KeptBirthdays(150)
    const owners = [ada, grace, AccountId.make(3), AccountId.make(4)] as const
    const [one, two, three, four] = owners
    for (const owner of [one, two, three]) kept.set(owner, today, people(40), 100, 0)
    assert.strictEqual(kept.size, 3)
    assert.isDefined(kept.get(one, today, 0))
    kept.set(four, today, people(40), 100, 0)
    assert.deepStrictEqual(
      owners.map((owner) => kept.get(owner, today, 0) !== undefined),
      [true, false, true, true]
    )
    kept.set(two, today, people(120), 100, 0)
    assert.deepStrictEqual(
      owners.map((owner) => kept.get(owner, today, 0) !== undefined),
      [false, true, false, false]
    )
    kept.set(two, today, people(40), 100, 0)
    kept.set(one, today, people(40), 100, 0)
    kept.set(three, today, people(40), 100, 0)
    assert.strictEqual(kept.size, 3, "what was replaced counts no more")
    kept.delete(two)
    kept.set(four, today, people(40), 100, 0)
    assert.strictEqual(kept.size, 3, "what was deleted counts no more")
  })

  it("has an end however many accounts there are", () => {
    const kept = new KeptBirthdays(100_000)
    for (let id = 1; id <= 20_000; id++) kept.set(AccountId.make(id), today, [], 100, 0)
    assert.strictEqual(kept.size, 10_000)
  })

  it("keeps no list that is over, nor the days of an account that are", () => {
    const kept = new KeptBirthdays(1000)
    kept.set(ada, today, people(1), 100, 0)
    kept.set(ada, tomorrow, people(2), 200, 50)
    assert.lengthOf(kept.get(ada, today, 99) ?? [], 1)
    assert.isUndefined(kept.get(ada, today, 100))
    assert.lengthOf(kept.get(ada, tomorrow, 199) ?? [], 2)
    assert.isUndefined(kept.get(ada, tomorrow, 200))
    kept.set(grace, today, [], 400, 300)
    assert.strictEqual(kept.size, 1, "it shrinks while others come")
  })
})
