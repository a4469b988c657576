import { assert, describe } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { MemoryBus } from "../../../src/adapters/memory/RevocationsMemory.ts"
import { Sessions } from "../../../src/application/accounts/Sessions.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { Revocations } from "../../../src/domain/accounts/Revocations.ts"
import { advance } from "../RookeryTest.ts"
import { Client, contactsUpdated, instance, join, openSession, someTalker, tell, test } from "./LiveWorld.ts"

describe("live connections and their sessions", () => {
  test(
    "end together at once, on every instance, and no other's does",
    Effect.gen(function* () {
      const [here, there] = [yield* instance, yield* instance]
      const sessions = yield* Sessions
      const { id, session } = yield* someTalker
      const ended = [yield* join(here, session), yield* join(here, session), yield* join(there, session)]
      const other = yield* join(here, yield* openSession(id))
      yield* sessions.endById(id, session.id)
      yield* advance()
      for (const client of ended) assert.deepStrictEqual(client.endings, ["SessionEnded"])
      yield* tell(id, contactsUpdated)
      for (const client of ended) assert.deepStrictEqual(client.news, ["Connected 0"])
      assert.deepStrictEqual([other.endings, other.news], [[], ["Connected 0", "ContactsUpdated 1"]])
    })
  )

  test(
    "go on where an announcement was wrong",
    Effect.gen(function* () {
      const live = yield* instance
      const revocations = yield* Revocations
      const { session } = yield* someTalker
      const client = yield* join(live, session)
      yield* revocations.announce(session.id)
      yield* advance("1 minute")
      assert.isEmpty(client.endings)
    })
  )

  test(
    "end within 5 seconds where nobody told of it, however long that could not be seen",
    Effect.gen(function* () {
      const live = yield* instance
      const bus = yield* MemoryBus
      const sessions = yield* Sessions
      const { id, session } = yield* someTalker
      const client = yield* join(live, session)
      yield* bus.disconnect
      yield* sessions.endById(id, session.id)
      yield* advance()
      assert.isEmpty(client.endings)
      yield* advance("5 seconds")
      yield* advance()
      assert.deepStrictEqual(client.endings, ["SessionEnded"])
    })
  )

  test(
    "end at once when the bus is back",
    Effect.gen(function* () {
      const live = yield* instance
      const bus = yield* MemoryBus
      const sessions = yield* Sessions
      const { id, session } = yield* someTalker
      const client = yield* join(live, session)
      yield* bus.disconnect
      yield* sessions.endById(id, session.id)
      yield* bus.reconnect
      yield* advance()
      assert.deepStrictEqual(client.endings, ["SessionEnded"])
    })
  )

  test(
    "end where the session ended between the handshake and the first event: nothing is told any more",
    Effect.gen(function* () {
      const live = yield* instance
      const sessions = yield* Sessions
      const { id, session } = yield* someTalker
      yield* sessions.endById(id, session.id)
      yield* advance()
      const client = new Client(session)
      yield* live.join(client)
      assert.deepStrictEqual([client.events, client.endings], [[], ["SessionEnded"]])
    })
  )

  test(
    "end when the session has run out, wherever its end has moved to",
    Effect.gen(function* () {
      const live = yield* instance
      const sessions = yield* Sessions
      const { id } = yield* someTalker
      const open = (refreshable: boolean) =>
        sessions.open({ accountId: id, dialect: "classic", refreshable, userAgent: undefined })
      const [brief, extended] = [yield* open(false), yield* open(true)]
      const clients = [yield* join(live, brief.session), yield* join(live, extended.session)]
      yield* advance("2 hours")
      yield* sessions.refresh(Redacted.value(extended.refreshToken ?? extended.accessToken), "classic")
      yield* advance("1 hour")
      yield* advance("5 seconds")
      yield* advance()
      assert.deepStrictEqual(
        clients.map(({ endings }) => endings.join()),
        ["SessionEnded", ""]
      )
      yield* advance("2 hours")
      yield* advance("5 seconds")
      yield* advance()
      assert.deepStrictEqual(clients[1]?.endings, ["SessionEnded"])
    })
  )

  test(
    "keep a session in use, and end where it is gone with its account",
    Effect.gen(function* () {
      const live = yield* instance
      const bus = yield* MemoryBus
      const accounts = yield* AccountRepository
      const sessions = yield* Sessions
      const { id, session } = yield* someTalker
      const client = yield* join(live, session)
      yield* advance("10 minutes")
      yield* advance()
      const [listed] = yield* sessions.list(id)
      assert.isAbove(listed?.lastUsedAt.epochMilliseconds ?? 0, session.lastUsedAt.epochMilliseconds)
      yield* bus.disconnect
      yield* accounts.delete(id)
      yield* advance("10 minutes")
      yield* advance()
      assert.deepStrictEqual(client.endings, ["SessionEnded"])
    })
  )
})
