import { assert, describe } from "@effect/vitest"
import { DateTime, Deferred, Duration, Effect, Exit, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { AddressBook } from "../../../src/application/contacts/AddressBook.ts"
import { type Keeping, OnceOnly } from "../../../src/application/shared/OnceOnly.ts"
import { AccountId } from "../../../src/domain/accounts/Account.ts"
import { Birthday } from "../../../src/domain/contacts/Birthday.ts"
import {
  IdempotencyKey,
  IdempotencyKeys,
  type KeyedRequest,
  KeyInUse,
  KeyLost,
  KeyReused
} from "../../../src/domain/shared/IdempotencyKeys.ts"
import { Transaction } from "../../../src/domain/shared/Transaction.ts"
import { MemoryInstance, MemoryPorts } from "../../../src/RookeryMemory.ts"
import { ada, someAccount } from "../../contracts/Fixtures.ts"
import { test, testOn } from "../RookeryTest.ts"

/** Answers are names; one that begins with "no" is not kept. */
const keeping: Keeping<string> = {
  keep: (answer) => (answer.startsWith("no") ? undefined : { status: 201, headers: {}, body: answer }),
  again: ({ body }) => `again ${body}`
}

const setting = Effect.gen(function* () {
  const book = yield* AddressBook
  const { atLeast, atomically } = yield* OnceOnly
  const { id: owner } = yield* someAccount
  const request: KeyedRequest = { owner, key: IdempotencyKey.make("key"), fingerprint: new Uint8Array([1]) }
  const add = (name: string) => Effect.as(book.add(owner, { ...ada, firstName: name }), name)
  const names = Effect.map(book.list(owner), ({ first }) => first.map((contact) => contact.firstName))
  const ask = (name: string, asked = request) => atomically(asked, keeping, add(name))
  return { book, owner, request, add, names, ask, atomically, atLeast }
})

/** Fails to keep an answer when it is told to, as a database does that goes away. */
const broken = { at: "" }
const Breaking = Layer.effect(
  IdempotencyKeys,
  IdempotencyKeys.useSync((keys) =>
    IdempotencyKeys.of({
      ...keys,
      complete: (request, holder, response) =>
        response.body === broken.at ? Effect.die("away") : keys.complete(request, holder, response)
    })
  )
)
const testBroken = testOn(Layer.provideMerge(MemoryInstance, Layer.provideMerge(Breaking, MemoryPorts)))

describe("OnceOnly", () => {
  test(
    "acts on the first request of a key and answers the others with its answer",
    Effect.gen(function* () {
      const { ask, names, owner, request } = yield* setting
      assert.strictEqual(yield* ask("Ada"), "Ada")
      assert.strictEqual(yield* ask("Bob"), "again Ada")
      assert.deepStrictEqual(
        yield* Effect.flip(ask("Cleo", { ...request, fingerprint: new Uint8Array([2]) })),
        new KeyReused()
      )
      assert.strictEqual(yield* ask("Dora", { ...request, key: IdempotencyKey.make("another") }), "Dora")
      const { id: stranger } = yield* someAccount
      assert.notStrictEqual(stranger, owner)
      assert.deepStrictEqual(yield* names, ["Ada", "Dora"])
      assert.strictEqual(yield* ask("Eve", { ...request, owner: AccountId.make(stranger) }), "Eve")
    })
  )

  test(
    "acts once on many requests at once",
    Effect.gen(function* () {
      const { ask, names } = yield* setting
      const answers = yield* Effect.all(
        Array.from({ length: 20 }, (_, index) => Effect.result(ask(String(index)))),
        { concurrency: "unbounded" }
      )
      const first = answers.filter((answer) => answer._tag === "Success" && !answer.success.startsWith("again"))
      assert.lengthOf(first, 1)
      assert.lengthOf(yield* names, 1)
    })
  )

  test(
    "tells a request that comes while the first is under way",
    Effect.gen(function* () {
      const { add, ask, atLeast, names, request } = yield* setting
      const begun = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const slow = Effect.andThen(Deferred.succeed(begun, undefined), Deferred.await(go)).pipe(
        Effect.andThen(add("Ada"))
      )
      const fiber = yield* Effect.forkChild(atLeast(request, keeping, slow))
      yield* Deferred.await(begun)
      const heldUntil = DateTime.addDuration(yield* DateTime.now, "1 minute")
      assert.deepStrictEqual(yield* Effect.flip(ask("Bob")), new KeyInUse({ heldUntil }))
      yield* Deferred.succeed(go, undefined)
      assert.strictEqual(yield* Fiber.join(fiber), "Ada")
      assert.strictEqual(yield* ask("Bob"), "again Ada")
      assert.deepStrictEqual(yield* names, ["Ada"])
    })
  )

  test(
    "keeps no failure and no answer that is not to be kept, and undoes what led to it",
    Effect.gen(function* () {
      const { add, ask, atomically, names, request } = yield* setting
      const failing = atomically(request, keeping, Effect.andThen(add("Ada"), Effect.fail("regret" as const)))
      assert.strictEqual(yield* Effect.flip(failing), "regret")
      assert.strictEqual(yield* ask("nobody"), "nobody")
      const dying = yield* Effect.exit(atomically(request, keeping, Effect.andThen(add("Bob"), Effect.die("bug"))))
      assert.isTrue(Exit.hasDies(dying))
      assert.deepStrictEqual(yield* names, [])
      assert.strictEqual(yield* ask("Cleo"), "Cleo")
      assert.deepStrictEqual(yield* names, ["Cleo"])
    })
  )

  test(
    "gives the key back when its client has gone",
    Effect.gen(function* () {
      const { add, ask, atomically, names, request } = yield* setting
      const begun = yield* Deferred.make<void>()
      const endless = add("Ada").pipe(Effect.andThen(Deferred.succeed(begun, undefined)), Effect.andThen(Effect.never))
      const fiber = yield* Effect.forkChild(atomically(request, keeping, endless))
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* ask("Bob"), "Bob")
      assert.deepStrictEqual(yield* names, ["Bob"])
    })
  )

  testBroken(
    "leaves neither the change nor the key where the answer can't be kept",
    Effect.gen(function* () {
      const { ask, names } = yield* setting
      broken.at = "Ada"
      assert.isTrue(Exit.hasDies(yield* Effect.exit(ask("Ada"))))
      assert.deepStrictEqual(yield* names, [])
      assert.strictEqual(yield* ask("Bob"), "Bob")
      assert.deepStrictEqual(yield* names, ["Bob"])
    })
  )

  test(
    "lets a key be taken over after a minute, and undoes whatever its first holder still does",
    Effect.gen(function* () {
      const { add, ask, names, request } = yield* setting
      const keys = yield* IdempotencyKeys
      const { atomic } = yield* Transaction
      // A process that was killed, or that stood still, holds the key.
      const now = yield* DateTime.now
      yield* keys.begin(request, "silent", Duration.minutes(1), now)
      yield* TestClock.adjust("20 seconds")
      const heldUntil = DateTime.addDuration(now, "1 minute")
      assert.deepStrictEqual(yield* Effect.flip(ask("Ada")), new KeyInUse({ heldUntil }))
      yield* TestClock.adjust("40 seconds")
      assert.strictEqual(yield* ask("Bob"), "Bob")
      const late = Effect.andThen(add("Cleo"), keys.complete(request, "silent", { status: 201, headers: {}, body: "" }))
      assert.deepStrictEqual(yield* Effect.flip(atomic(late)), new KeyLost())
      assert.deepStrictEqual(yield* names, ["Bob"])
    })
  )

  test(
    "undoes what a holder did who lost the key meanwhile, and has its client ask again at once",
    Effect.gen(function* () {
      const { add, ask, atomically, names, request } = yield* setting
      const keys = yield* IdempotencyKeys
      const heldUntil = DateTime.addDuration(yield* DateTime.now, "1 minute")
      // In its own transaction, since those in memory wait for each other.
      const takenOver = Effect.gen(function* () {
        yield* TestClock.adjust("1 minute")
        yield* keys.begin(request, "another", Duration.minutes(1), yield* DateTime.now)
        return yield* add("Ada")
      })
      assert.deepStrictEqual(yield* Effect.flip(atomically(request, keeping, takenOver)), new KeyInUse({ heldUntil }))
      assert.deepStrictEqual(yield* names, [])
      assert.strictEqual(yield* ask("Bob"), "Bob")
    })
  )

  test(
    "remembers a key for a day",
    Effect.gen(function* () {
      const { ask, names } = yield* setting
      yield* ask("Ada")
      yield* TestClock.adjust("23 hours")
      assert.strictEqual(yield* ask("Bob"), "again Ada")
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* ask("Cleo"), "Cleo")
      assert.deepStrictEqual(yield* names, ["Ada", "Cleo"])
    })
  )

  test(
    "forgets found birthdays only when the new one is there to be found",
    Effect.gen(function* () {
      const { atomically, book, owner, request } = yield* setting
      const today = Birthday.make("2026-11-20")
      const upcoming = Effect.map(book.birthdays(owner, today), (all) => all.map((one) => one.firstName))
      assert.deepStrictEqual(yield* upcoming, [])
      const added = yield* Deferred.make<void>()
      const seen = yield* Deferred.make<void>()
      const act = book
        .add(owner, { ...ada, birthday: Birthday.make("1990-11-21") })
        .pipe(
          Effect.andThen(Deferred.succeed(added, undefined)),
          Effect.andThen(Deferred.await(seen)),
          Effect.as("Ada")
        )
      const fiber = yield* Effect.forkChild(atomically(request, keeping, act))
      yield* Deferred.await(added)
      // Somebody else looks while it is not committed yet, and keeps what is found.
      assert.deepStrictEqual(yield* upcoming, [])
      yield* Deferred.succeed(seen, undefined)
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(yield* upcoming, [ada.firstName])
    })
  )

  test(
    "acts again, at worst, where no transaction holds what is done",
    Effect.gen(function* () {
      const { add, atLeast, names, request } = yield* setting
      const act = (name: string) => atLeast(request, keeping, add(name))
      yield* Effect.flip(atLeast(request, keeping, Effect.andThen(add("Ada"), Effect.fail("regret"))))
      assert.strictEqual(yield* act("Bob"), "Bob")
      assert.strictEqual(yield* act("Cleo"), "again Bob")
      assert.deepStrictEqual(yield* names, ["Ada", "Bob"])
    })
  )
})
