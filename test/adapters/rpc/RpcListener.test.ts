import { assert, describe } from "@effect/vitest"
import { DateTime, Effect, Exit, Queue, Scope } from "effect"
import { listen } from "../../../src/adapters/rpc/RpcListener.ts"
import type { Listener } from "../../../src/application/notifications/Listener.ts"
import { LiveNotifications } from "../../../src/application/notifications/LiveNotifications.ts"
import type { Since } from "../../../src/application/notifications/Since.ts"
import { NotificationId } from "../../../src/domain/notifications/Notification.ts"
import { someTalker, test } from "../../application/notifications/LiveWorld.ts"

/** Who has come, with what they asked for, and who has gone. */
const doorkeeper = () => {
  const joined: Array<readonly [Listener, Since | undefined]> = []
  const left: Array<Listener> = []
  const live = LiveNotifications.of({
    join: (listener, since) => Effect.sync(() => void joined.push([listener, since])),
    leave: (listener) => Effect.sync(() => void left.push(listener))
  })
  return { live, joined, left }
}

const event = (id: number) =>
  ({ _tag: "ContactsUpdated", id: NotificationId.make(id), at: DateTime.makeUnsafe(0) }) as const

describe("listening by a call", () => {
  test(
    "asks for what was missed since a notification or a time, and leaves with its scope",
    Effect.gen(function* () {
      const { session } = yield* someTalker
      const { joined, left, live } = doorkeeper()
      const time = yield* DateTime.now
      const scope = yield* Scope.make()
      for (const since of [undefined, 0, 41, time]) yield* Scope.provide(listen(live, session, since), scope)
      assert.deepStrictEqual(
        joined.map(([, since]) => since),
        [undefined, { _tag: "After", id: 0 }, { _tag: "After", id: 41 }, { _tag: "At", time }]
      )
      assert.isEmpty(left)
      yield* Scope.close(scope, Exit.void)
      assert.lengthOf(left, 4)
    })
  )

  test(
    "keeps what a client has not read yet up to a bound, and gives up behind it",
    Effect.gen(function* () {
      const { session } = yield* someTalker
      const { joined, live } = doorkeeper()
      const told = yield* listen(live, session, undefined)
      const [[listener] = []] = joined
      assert.isDefined(listener)
      const ofAddressBook = {
        id: NotificationId.make(1),
        at: yield* DateTime.now,
        change: "created",
        contactId: 1
      } as const
      assert.isTrue(yield* listener.tell({ _tag: "ContactChanged", ...ofAddressBook }))
      let taken = 0
      while (taken < 10_000 && (yield* listener.tell(event(taken + 1)))) taken += 1
      assert.strictEqual(taken, 2048)
      const exit = yield* Effect.exit(Effect.forever(Queue.takeAll(told)))
      assert.deepInclude(yield* Effect.flip(exit), { _tag: "NotificationsEnded", reason: "TooSlow" })
    })
  )

  test(
    "says why nothing more comes",
    Effect.gen(function* () {
      const { session } = yield* someTalker
      const { joined, live } = doorkeeper()
      const endings = ["SessionEnded", "Replaced", "Unavailable"] as const
      for (const [index, why] of endings.entries()) {
        const told = yield* listen(live, session, undefined)
        yield* joined[index]?.[0].tell(event(1)) ?? Effect.void
        yield* joined[index]?.[0].end(why) ?? Effect.void
        assert.deepStrictEqual(yield* Queue.takeAll(told), [event(1)], "what came before is not lost")
        const error = yield* Effect.flip(Queue.take(told))
        assert.strictEqual(error._tag, why === "SessionEnded" ? "SessionEnded" : "NotificationsEnded")
      }
    })
  )
})
