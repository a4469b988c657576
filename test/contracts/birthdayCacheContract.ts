import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, type Scope } from "effect"
import { AccountId } from "../../src/domain/accounts/Account.ts"
import { Birthday } from "../../src/domain/contacts/Birthday.ts"
import { type BirthdayCache, mostKept } from "../../src/domain/contacts/BirthdayCache.ts"
import { ContactId } from "../../src/domain/contacts/Contact.ts"
import type { UpcomingBirthday } from "../../src/domain/contacts/UpcomingBirthday.ts"

type Cache = BirthdayCache["Service"]
type People = ReadonlyArray<UpcomingBirthday>

export const [ada, grace] = [AccountId.make(1), AccountId.make(2)]
export const [today, tomorrow] = [Birthday.make("2024-02-28"), Birthday.make("2024-02-29")]

export const person = (id: number, firstName = "Ada"): UpcomingBirthday => ({
  id: ContactId.make(id),
  firstName,
  lastName: null,
  birthday: Birthday.make("1815-12-10"),
  daysUntil: 7
})

/** Finds these people, and counts how often it was asked. */
export const finding = (people: People) => {
  const search = { times: 0 }
  const find = Effect.sync(() => {
    search.times++
    return people
  })
  return Object.assign(search, { find })
}

/** A search that has begun and not ended, whose caller waits. */
const searching = Effect.fnUntraced(function* (cache: Cache, people: People) {
  const [begun, end] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
  const find = Deferred.succeed(begun, undefined).pipe(Effect.andThen(Deferred.await(end)), Effect.as(people))
  const caller = yield* Effect.forkChild(cache.lookup(ada, today, find))
  yield* Deferred.await(begun)
  return Effect.andThen(Deferred.succeed(end, undefined), Fiber.join(caller))
})

/**
 * Every BirthdayCache that keeps anything must pass this. `instances` are two processes that share what is kept, or one
 * twice where there is but one; nothing is kept yet.
 */
export const birthdayCacheContract = (
  name: string,
  instances: Effect.Effect<readonly [Cache, Cache], never, Scope.Scope>
) =>
  describe(`BirthdayCache: ${name}`, () => {
    const test = (behaviour: string, body: (here: Cache, there: Cache) => Effect.Effect<void, unknown, Scope.Scope>) =>
      it.live(behaviour, () => Effect.flatMap(instances, ([here, there]) => body(here, there)))

    test("finds once, and keeps to the letter what was found", (here, there) =>
      Effect.gen(function* () {
        const people = [
          { ...person(1, ' "Ada" \\ \n\u0001'), lastName: "Ünï 👩‍👩‍👧 {}" },
          { ...person(2, "__proto__"), lastName: "", daysUntil: 0 },
          { ...person(2 ** 40), birthday: Birthday.make("0001-02-28") }
        ]
        const search = finding(people)
        for (const cache of [here, here, there]) {
          assert.deepStrictEqual<People>(yield* cache.lookup(ada, today, search.find), people)
        }
        assert.strictEqual(search.times, 1)
      }))

    test("keeps that there is nobody", (here, there) =>
      Effect.gen(function* () {
        const search = finding([])
        for (const cache of [here, there]) assert.deepStrictEqual(yield* cache.lookup(ada, today, search.find), [])
        assert.strictEqual(search.times, 1)
      }))

    test("keeps each account and each day by itself", (here, there) =>
      Effect.gen(function* () {
        const searches = [
          [ada, today],
          [ada, tomorrow],
          [grace, today]
        ] as const
        for (const cache of [here, there]) {
          for (const [index, [owner, day]] of searches.entries()) {
            const found = yield* cache.lookup(owner, day, Effect.succeed([person(index + 1)]))
            assert.deepStrictEqual(found, [person(index + 1)])
          }
        }
      }))

    test("forgets all days of an account everywhere, and no other account", (here, there) =>
      Effect.gen(function* () {
        const [old, other] = [finding([person(1, "Old")]), finding([person(2)])]
        for (const day of [today, tomorrow]) yield* here.lookup(ada, day, old.find)
        yield* here.lookup(grace, today, other.find)
        yield* there.forget(ada)
        const anew = finding([person(1, "New")])
        for (const day of [today, tomorrow]) {
          for (const cache of [here, there]) {
            assert.deepStrictEqual(yield* cache.lookup(ada, day, anew.find), [person(1, "New")])
          }
        }
        assert.strictEqual(anew.times, 2)
        yield* there.lookup(grace, today, other.find)
        assert.strictEqual(other.times, 1)
        yield* here.forget(AccountId.make(3))
      }))

    test("keeps nothing that was being found while the account was forgotten", (here, there) =>
      Effect.gen(function* () {
        for (const forgetful of [here, there]) {
          const finish = yield* searching(here, [person(1, "Old")])
          yield* forgetful.forget(ada)
          assert.deepStrictEqual(yield* finish, [person(1, "Old")])
          for (const cache of [here, there]) {
            assert.deepStrictEqual(yield* cache.lookup(ada, today, Effect.succeed([person(1, "New")])), [
              person(1, "New")
            ])
          }
          yield* here.forget(ada)
        }
      }))

    test("keeps nothing older than what was found after the account was forgotten", (here, there) =>
      Effect.gen(function* () {
        const finish = yield* searching(here, [person(1, "Old")])
        yield* there.forget(ada)
        yield* there.lookup(ada, today, Effect.succeed([person(1, "New")]))
        yield* finish
        for (const cache of [here, there]) {
          assert.deepStrictEqual(yield* cache.lookup(ada, today, Effect.die("kept nothing")), [person(1, "New")])
        }
      }))

    test("keeps what was being found while another account was forgotten", (here, there) =>
      Effect.gen(function* () {
        const finish = yield* searching(here, [person(1)])
        yield* there.forget(grace)
        yield* finish
        assert.deepStrictEqual(yield* there.lookup(ada, today, Effect.die("kept nothing")), [person(1)])
      }))

    test("passes a failure on, and keeps none", (here) =>
      Effect.gen(function* () {
        assert.strictEqual(yield* Effect.flip(here.lookup(ada, today, Effect.fail("no"))), "no")
        const exit = yield* Effect.exit(here.lookup(ada, today, Effect.die("bug")))
        assert.strictEqual(exit._tag, "Failure")
        assert.deepStrictEqual(yield* here.lookup(ada, today, Effect.succeed([person(1)])), [person(1)])
      }))

    test("finds long lists anew each time", (here) =>
      Effect.gen(function* () {
        const people = (count: number) => finding(Array.from({ length: count }, (_, index) => person(index + 1)))
        const [longest, longer] = [people(mostKept), people(mostKept + 1)]
        for (const times of [1, 2]) {
          assert.lengthOf(yield* here.lookup(ada, today, longer.find), mostKept + 1)
          assert.strictEqual(longer.times, times)
        }
        for (const _ of [1, 2]) assert.lengthOf(yield* here.lookup(ada, tomorrow, longest.find), mostKept)
        assert.strictEqual(longest.times, 1)
      }))

    test("never gives what was before a change that was answered, whoever asks and changes meanwhile", (here, there) =>
      Effect.gen(function* () {
        let truth = 0
        const find = Effect.suspend(() => {
          const seen = truth
          return Effect.as(Effect.yieldNow, [person(seen + 1)])
        })
        const write = (cache: Cache) =>
          Effect.gen(function* () {
            const written = ++truth
            yield* cache.forget(ada)
            const [found] = yield* cache.lookup(ada, today, find)
            assert.isAtLeast(found?.id ?? 0, written + 1)
          })
        const read = (cache: Cache) =>
          Effect.gen(function* () {
            const before = truth
            yield* Effect.yieldNow
            yield* cache.lookup(ada, today, find)
            return before
          })
        yield* Effect.forEach(
          Array.from({ length: 200 }, (_, index) => index),
          (index) => {
            const cache = index % 2 === 0 ? here : there
            return index % 5 === 0 ? write(cache) : read(cache)
          },
          { concurrency: 20, discard: true }
        )
        for (const cache of [here, there]) {
          assert.deepStrictEqual(yield* cache.lookup(ada, today, find), [person(truth + 1)])
        }
      }))
  })
