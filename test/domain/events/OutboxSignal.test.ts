import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { Destination } from "../../../src/domain/events/Outbox.ts"
import { OutboxSignal } from "../../../src/domain/events/OutboxSignal.ts"

const settled = Effect.yieldNow.pipe(Effect.repeat({ times: 20 }))

/** Who has been woken since this was asked last. */
const listeners = Effect.gen(function* () {
  const signal = yield* OutboxSignal
  const any = yield* signal.subscribe
  const each = yield* Effect.forEach(Destination.literals, (destination) =>
    Effect.map(signal.subscribeTo(destination), (notified) => [destination, notified] as const)
  )
  const isWoken = (notified: Effect.Effect<void>) =>
    Effect.raceFirst(Effect.as(notified, true), Effect.as(settled, false))
  return Effect.gen(function* () {
    const woken = yield* Effect.filter([["any", any] as const, ...each], ([, notified]) => isWoken(notified))
    return woken.map(([name]) => name)
  })
})
const test = <E>(name: string, effect: Effect.Effect<void, E, OutboxSignal | Scope.Scope>) =>
  it.effect(name, () => Effect.provide(effect, OutboxSignal.layer))

describe("OutboxSignal", () => {
  test(
    "wakes everybody, or those alone who have something to bring",
    Effect.gen(function* () {
      const signal = yield* OutboxSignal
      const woken = yield* listeners
      assert.deepStrictEqual(yield* woken, [])
      yield* signal.notify
      assert.deepStrictEqual(yield* woken, ["any", ...Destination.literals])
      yield* signal.notifyOf(["broker", "upstream"])
      assert.deepStrictEqual(yield* woken, ["any", "broker", "upstream"])
      yield* signal.notifyOf(["mail"])
      assert.deepStrictEqual(yield* woken, ["any", "mail"])
      assert.deepStrictEqual(yield* woken, [])
    })
  )

  test(
    "keeps for who is busy one notification, and no more",
    Effect.gen(function* () {
      const signal = yield* OutboxSignal
      const woken = yield* listeners
      for (let n = 0; n < 3; n++) yield* signal.notifyOf(["mail"])
      assert.deepStrictEqual(yield* woken, ["any", "mail"])
      assert.deepStrictEqual(yield* woken, [])
    })
  )
})
