import { assert, describe, it } from "@effect/vitest"
import { Data, Deferred, Effect, Fiber, HashMap, Layer, Option, Result } from "effect"
import { MemoryWorld } from "../../../src/adapters/memory/MemoryWorld.ts"
import { advance } from "../../application/RookeryTest.ts"

class Regret extends Data.TaggedError("Regret")<{}> {}

const write = (name: string, value: string) =>
  MemoryWorld.use((world) =>
    world.change((before) =>
      Result.succeed([undefined, { ...before, secrets: HashMap.set(before.secrets, name, value) }])
    )
  )
const look = (name: string) =>
  MemoryWorld.use((world) => world.read(({ secrets }) => Option.getOrUndefined(HashMap.get(secrets, name))))
const atomic = <A, E, R>(effect: Effect.Effect<A, E, R>) => MemoryWorld.use((world) => world.atomic(effect))

const test = <A, E>(name: string, body: Effect.Effect<A, E, MemoryWorld>) =>
  it.effect(name, () => Effect.provide(body, Layer.fresh(MemoryWorld.layer)))

/** A transaction that has written "inside" and goes on until it is told to. */
const openTransaction = Effect.gen(function* () {
  const [written, end] = [yield* Deferred.make<void>(), yield* Deferred.make<void, Regret>()]
  const transaction = yield* write("a", "inside").pipe(
    Effect.andThen(Deferred.succeed(written, undefined)),
    Effect.andThen(Deferred.await(end)),
    atomic,
    Effect.forkChild
  )
  yield* Deferred.await(written)
  return { transaction, end }
})

describe("MemoryWorld", () => {
  test(
    "shows what is committed to whoever looks during a transaction, without a wait",
    Effect.gen(function* () {
      yield* write("a", "before")
      const { end, transaction } = yield* openTransaction
      assert.strictEqual(yield* look("a"), "before")
      yield* Deferred.succeed(end, undefined)
      yield* Fiber.join(transaction)
      assert.strictEqual(yield* look("a"), "inside")
    })
  )

  test(
    "lets changes and other transactions wait for a transaction",
    Effect.gen(function* () {
      const { end } = yield* openTransaction
      const change = yield* Effect.forkChild(write("a", "after"))
      const other = yield* Effect.forkChild(atomic(look("a")))
      yield* advance()
      assert.isUndefined(change.pollUnsafe())
      assert.isUndefined(other.pollUnsafe())
      yield* Deferred.succeed(end, undefined)
      yield* Fiber.join(change)
      assert.strictEqual(yield* Fiber.join(other), "after")
    })
  )

  test(
    "lets nobody wait for a transaction that was rolled back or cut off",
    Effect.gen(function* () {
      const failed = yield* openTransaction
      yield* Deferred.fail(failed.end, new Regret())
      yield* Fiber.await(failed.transaction)
      const cutOff = yield* openTransaction
      yield* Fiber.interrupt(cutOff.transaction)
      assert.isUndefined(yield* look("a"))
      yield* write("a", "after")
      assert.strictEqual(yield* look("a"), "after")
    })
  )

  test(
    "gives fibers of a transaction the same view",
    Effect.gen(function* () {
      const seen = yield* atomic(
        Effect.gen(function* () {
          yield* Effect.all([write("a", "1"), write("b", "2")], { concurrency: "unbounded" })
          return yield* Effect.all([look("a"), look("b")], { concurrency: "unbounded" })
        })
      )
      assert.deepStrictEqual(seen, ["1", "2"])
    })
  )

  test(
    "refuses changes of a fiber that outlives its transaction",
    Effect.gen(function* () {
      const end = yield* Deferred.make<void>()
      const late = yield* atomic(Effect.forkDetach(Effect.andThen(Deferred.await(end), write("a", "late"))))
      yield* Deferred.succeed(end, undefined)
      assert.strictEqual((yield* Fiber.await(late))._tag, "Failure")
      assert.isUndefined(yield* look("a"))
    })
  )

  test(
    "counts ids up, and uses none again after a rollback",
    Effect.gen(function* () {
      const { nextId } = yield* MemoryWorld
      const take = Effect.sync(() => nextId("contacts"))
      assert.strictEqual(yield* take, 1)
      yield* Effect.ignore(atomic(Effect.andThen(take, Effect.fail(new Regret()))))
      assert.strictEqual(yield* take, 3)
      assert.strictEqual(nextId("notes"), 1)
    })
  )
})
