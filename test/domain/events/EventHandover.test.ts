import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Exit, Scope } from "effect"
import { TestClock } from "effect/testing"
import { EventHandover, type Taker } from "../../../src/domain/events/EventHandover.ts"
import { EventId, OutboxEntry } from "../../../src/domain/events/Outbox.ts"

const entry = new OutboxEntry({
  id: 1,
  eventId: EventId.make("00000000-0000-4000-8000-000000000001"),
  destination: "broker",
  type: "rookery.notes.created",
  subject: "contacts/1/notes/1",
  data: {},
  occurredAt: DateTime.makeUnsafe(0),
  attempts: 1
})

/** A relay, and what it was handed. */
const someTaker = (holder = "relay") => {
  const taken: Array<OutboxEntry> = []
  const state = { open: true }
  const taker: Taker = {
    holder,
    lease: Duration.seconds(5),
    isOpen: () => state.open,
    take: (entries) => void taken.push(...entries)
  }
  return { state, taken, taker }
}

const test = <E>(name: string, effect: Effect.Effect<void, E, EventHandover | Scope.Scope>) =>
  it.effect(name, () => Effect.provide(effect, EventHandover.layer))

describe("EventHandover", () => {
  test(
    "hands events to the relay that takes them, by the lease that it gave",
    Effect.gen(function* () {
      const handover = yield* EventHandover
      const { taken, taker } = someTaker()
      yield* handover.open(taker)
      const begun = yield* handover.begin
      assert.strictEqual(begun?.holder, "relay")
      assert.deepStrictEqual(begun?.lease, Duration.seconds(5))
      yield* begun?.hand([entry]) ?? Effect.void
      assert.deepStrictEqual(taken, [entry])
    })
  )

  test(
    "begins nothing where nobody takes any, or takes no more",
    Effect.gen(function* () {
      const handover = yield* EventHandover
      assert.isUndefined(yield* handover.begin)
      const { state, taker } = someTaker()
      yield* handover.open(taker)
      state.open = false
      assert.isUndefined(yield* handover.begin)
      state.open = true
      assert.isDefined(yield* handover.begin)
    })
  )

  test(
    "leaves to others what took half as long as the lease",
    Effect.gen(function* () {
      const handover = yield* EventHandover
      const { taken, taker } = someTaker()
      yield* handover.open(taker)
      const [quick, slow] = [yield* handover.begin, yield* handover.begin]
      yield* TestClock.adjust("2 seconds")
      yield* quick?.hand([entry]) ?? Effect.void
      assert.lengthOf(taken, 1)
      yield* TestClock.adjust("1 second")
      yield* slow?.hand([entry]) ?? Effect.void
      assert.lengthOf(taken, 1)
    })
  )

  test(
    "hands nothing to a relay that has ended, nor to the next what was leased to it",
    Effect.gen(function* () {
      const handover = yield* EventHandover
      const scope = yield* Scope.make()
      const [first, next] = [someTaker("first"), someTaker("next")]
      yield* Scope.provide(handover.open(first.taker), scope)
      const begun = yield* handover.begin
      yield* Scope.close(scope, Exit.void)
      assert.isUndefined(yield* handover.begin)
      yield* handover.open(next.taker)
      yield* begun?.hand([entry]) ?? Effect.void
      assert.isEmpty(first.taken)
      assert.isEmpty(next.taken)
      assert.strictEqual((yield* handover.begin)?.holder, "next")
    })
  )
})
