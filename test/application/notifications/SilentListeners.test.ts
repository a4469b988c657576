import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { Sessions } from "../../../src/application/accounts/Sessions.ts"
import { mostConnections } from "../../../src/application/notifications/LiveNotifications.ts"
import { advance } from "../RookeryTest.ts"
import { Client, contactsUpdated, instance, join, openSession, Seen, someTalker, tell, test } from "./LiveWorld.ts"

class Silent extends Client {
  readonly silent = true
}

describe("silent listeners", () => {
  test(
    "are told nothing, and nothing has been delivered to them",
    Effect.gen(function* () {
      const live = yield* instance
      const { id, session } = yield* someTalker
      const silent = new Silent(session)
      yield* live.join(silent)
      yield* tell(id, contactsUpdated)
      assert.deepStrictEqual([silent.news, silent.endings, (yield* Seen).delivered], [[], [], []])
    })
  )

  test(
    "end with their session",
    Effect.gen(function* () {
      const live = yield* instance
      const { id, session } = yield* someTalker
      const [silent, other] = [new Silent(session), new Silent(yield* openSession(id))]
      yield* live.join(silent)
      yield* live.join(other)
      yield* advance()
      yield* (yield* Sessions).endById(id, session.id)
      yield* advance()
      assert.deepStrictEqual([silent.endings, other.endings], [["SessionEnded"], []])
      const late = new Silent(session)
      yield* live.join(late)
      assert.deepStrictEqual(late.endings, ["SessionEnded"])
    })
  )

  test(
    "give way to newer ones of their kind alone",
    Effect.gen(function* () {
      const live = yield* instance
      const { session } = yield* someTalker
      const told = yield* join(live, session)
      const silent = Array.from({ length: mostConnections + 1 }, () => new Silent(session))
      yield* Effect.forEach(silent, (one) => live.join(one), { discard: true })
      assert.deepStrictEqual(
        silent.flatMap(({ endings }) => endings),
        ["Replaced"]
      )
      assert.deepStrictEqual([silent[0]?.endings, told.endings], [["Replaced"], []])
    })
  )
})
