import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { RateLimitsMemory } from "../../../src/adapters/memory/RateLimitsMemory.ts"
import type { Friends } from "../../../src/application/talk/Friends.ts"
import { PhoneDigits } from "../../../src/domain/shared/PhoneNumber.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { outcome } from "../../contracts/AtOnce.ts"
import { Command, listOf, neighbours, remove, rename, request, signUp, toldTo, accept } from "./Neighbours.ts"
import { send, talkOn } from "./TalkWorld.ts"

/** Without limits: numbers are invited as often as it takes. */
const World = talkOn(Layer.merge(MemoryPorts, RateLimitsMemory({ requestsPerMinute: 0 })))

const commands = Arbitrary.array(Arbitrary.schema(Command), { minLength: 30, maxLength: 80 })

const lifeOf = Effect.fnUntraced(function* (commands: ReadonlyArray<Command>) {
  const all = yield* neighbours
  for (const command of commands) {
    yield* TestClock.adjust("1 minute")
    yield* all.act(command)
  }
  return all
})

describe("Friends", () => {
  it.effect.prop(
    "sees to it that everybody has and is told what is theirs, whatever three people do",
    { commands },
    ({ commands }) => Effect.asVoid(lifeOf(commands)).pipe(Effect.provide(Layer.fresh(World)))
  )

  it.effect.prop("lets nobody write but to who is a friend, and wants to be one still", { commands }, ({ commands }) =>
    Effect.gen(function* () {
      const all = yield* lifeOf(commands)
      for (const [me, other] of [
        [1, 2],
        [2, 1],
        [1, 3],
        [3, 1],
        [2, 3],
        [3, 2]
      ] as const) {
        const { id } = all.people[me]
        if (id === undefined) continue
        const status = all.model.sees(me, other)
        const expected = status === "accepted" ? "done" : status === undefined ? "FriendNotFound" : "NotFriends"
        assert.strictEqual(yield* outcome(send({ id }, { phoneNumber: all.people[other].phone })), expected)
      }
    }).pipe(Effect.provide(Layer.fresh(World)))
  )

  const [ada, bob] = [PhoneDigits.make("4915100000001"), PhoneDigits.make("4915100000002")]

  /** All that Ada can find out while she does this, after Bob was asked, and declined or did not look at it. */
  const found = (declines: boolean, commands: ReadonlyArray<Command>) =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1000)
      const [adas, bobs] = [yield* signUp(ada), yield* signUp(bob)]
      yield* request(adas, bob, "Bob")
      yield* TestClock.adjust("1 minute")
      if (declines) yield* remove(bobs, ada)
      const findings: Array<unknown> = []
      for (const { name, what } of commands) {
        yield* TestClock.adjust("1 minute")
        const actions: Record<Command["what"], Effect.Effect<void, { readonly _tag: string }, Friends>> = {
          ask: request(adas, bob, name),
          accept: accept(adas, bob),
          remove: remove(adas, bob),
          rename: rename(adas, bob, name),
          renumber: Effect.void,
          leave: Effect.void
        }
        findings.push([yield* outcome(actions[what]), yield* listOf(adas), yield* toldTo(adas)])
      }
      return findings
    }).pipe(Effect.provide(Layer.fresh(World)))

  it.effect.prop("lets nobody find out that they were declined", { commands }, ({ commands }) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* found(true, commands), yield* found(false, commands))
    })
  )
})
