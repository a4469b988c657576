import { assert } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { PhoneHolders, NoPhoneNumber } from "../../../src/application/talk/PhoneHolders.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { someAccount, somePerson, somePhone, unknownAccount } from "../../contracts/Fixtures.ts"
import { testOn } from "../RookeryTest.ts"

testOn(MemoryPorts)(
  "who has a number is looked at once, who has none each time",
  Effect.gen(function* () {
    const accounts = yield* AccountRepository
    let looks = 0
    const findById: typeof accounts.findById = (id) => Effect.suspend(() => (looks++, accounts.findById(id)))
    const Counting = Layer.succeed(AccountRepository, AccountRepository.of({ ...accounts, findById }))
    const holders = Context.get(yield* Layer.build(Layer.provide(PhoneHolders.layer, Counting)), PhoneHolders)
    const looksFor = Effect.fnUntraced(function* <A, E>(effect: Effect.Effect<A, E>) {
      looks = 0
      yield* effect
      yield* effect
      return looks
    })
    const { id } = yield* someAccount
    for (const none of [id, unknownAccount]) {
      assert.deepStrictEqual(yield* Effect.flip(holders.require(none)), new NoPhoneNumber())
      assert.strictEqual(yield* looksFor(Effect.ignore(holders.require(none))), 2)
    }
    yield* accounts.savePhone(id, somePhone())
    assert.strictEqual(yield* looksFor(holders.require(id)), 1)
    assert.strictEqual(yield* looksFor(holders.require((yield* somePerson).id)), 1)
  })
)
