import { assert, describe } from "@effect/vitest"
import { Context, DateTime, Duration, Effect, Layer, Redacted } from "effect"
import { MemoryBus } from "../../../src/adapters/memory/RevocationsMemory.ts"
import { type SessionLifetimes, Sessions } from "../../../src/application/accounts/Sessions.ts"
import type { AccountId } from "../../../src/domain/accounts/Account.ts"
import { SessionRepository } from "../../../src/domain/accounts/SessionRepository.ts"
import { InvalidToken } from "../../../src/domain/accounts/Tokens.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { someAccount } from "../../contracts/Fixtures.ts"
import { advance, testOn } from "../RookeryTest.ts"

const lifetimes: SessionLifetimes = { access: Duration.minutes(15), session: Duration.hours(3) }

/** What was asked of the repository, and whether it answers. */
class Asked extends Context.Service<Asked, { calls: Array<string>; away: boolean }>()("test/Asked") {}

const Watched = Layer.effect(
  SessionRepository,
  Effect.gen(function* () {
    const sessions = yield* SessionRepository
    const asked = yield* Asked
    const seen =
      <Args extends ReadonlyArray<unknown>, A, E>(name: string, call: (...args: Args) => Effect.Effect<A, E>) =>
      (...args: Args) =>
        Effect.suspend(() => {
          asked.calls.push(name)
          return asked.away ? Effect.die("the database is away") : call(...args)
        })
    return SessionRepository.of({
      insert: seen("insert", sessions.insert),
      findActive: seen("findActive", sessions.findActive),
      extend: seen("extend", sessions.extend),
      end: seen("end", sessions.end),
      listEndedSince: seen("listEndedSince", sessions.listEndedSince),
      deleteEndedBefore: seen("deleteEndedBefore", sessions.deleteEndedBefore)
    })
  })
)

const World = Watched.pipe(
  Layer.provideMerge(Layer.sync(Asked, () => ({ calls: [], away: false }))),
  Layer.provideMerge(MemoryPorts)
)

const test = testOn(World)

/** One more instance of the application on the same database and bus. */
const instance = Effect.map(Layer.build(Layer.fresh(Sessions.layer(lifetimes))), (built) =>
  Context.get(built, Sessions)
)

type Instance = Sessions["Service"]

const open = Effect.fnUntraced(function* (sessions: Instance, account?: AccountId) {
  const accountId = account ?? (yield* someAccount).id
  const { accessToken, refreshToken, session } = yield* sessions.open(accountId, "classic", true)
  return { session, access: Redacted.value(accessToken), refresh: Redacted.value(refreshToken ?? accessToken) }
})
const refused = Effect.fnUntraced(function* <A>(attempt: Effect.Effect<A, InvalidToken>) {
  assert.deepStrictEqual(yield* Effect.flip(attempt), new InvalidToken())
})
/** What an effect asks of the repository. */
const asks = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const asked = yield* Asked
  const before = asked.calls.length
  yield* Effect.exit(effect)
  return asked.calls.slice(before)
})

describe("Sessions", () => {
  test(
    "authenticates by the access token alone",
    Effect.gen(function* () {
      const sessions = yield* instance
      const { access, refresh, session } = yield* open(sessions)
      assert.deepStrictEqual(yield* sessions.authenticate(access), session)
      for (const token of [refresh, "", "garbage", `${access}x`]) yield* refused(sessions.authenticate(token))
    })
  )

  test(
    "asks nobody about a session that it knows",
    Effect.gen(function* () {
      const sessions = yield* instance
      const { access } = yield* open(sessions)
      assert.deepStrictEqual(yield* asks(sessions.authenticate(access)), ["findActive"])
      const often = Effect.replicateEffect(sessions.authenticate(access), 100, { concurrency: 10 })
      assert.deepStrictEqual(yield* asks(often), [])
    })
  )

  test(
    "refreshes with the refresh token alone, in the dialect that opened the session",
    Effect.gen(function* () {
      const sessions = yield* instance
      const { access, refresh, session } = yield* open(sessions)
      yield* refused(sessions.refresh(access, "classic"))
      yield* refused(sessions.refresh(refresh, "v1"))
      yield* refused(sessions.refresh(refresh, "talk"))
      const another = Redacted.value(yield* sessions.refresh(refresh, "classic"))
      assert.notStrictEqual(another, access)
      assert.strictEqual((yield* sessions.authenticate(another)).id, session.id)
      yield* sessions.refresh(refresh, "classic")
    })
  )

  test(
    "lets an access token end before its session does",
    Effect.gen(function* () {
      const sessions = yield* instance
      const { access, refresh } = yield* open(sessions)
      yield* advance("899999 millis")
      yield* sessions.authenticate(access)
      yield* advance("1 millis")
      yield* refused(sessions.authenticate(access))
      yield* sessions.authenticate(Redacted.value(yield* sessions.refresh(refresh, "classic")))
    })
  )

  test(
    "gives a session without a refresh step a token that lasts as long as it",
    Effect.gen(function* () {
      const sessions = yield* instance
      const { id } = yield* someAccount
      const { accessToken, refreshToken } = yield* sessions.open(id, "talk", false)
      assert.isNull(refreshToken)
      yield* advance("179 minutes")
      yield* sessions.authenticate(Redacted.value(accessToken))
      yield* advance("1 minute")
      yield* refused(sessions.authenticate(Redacted.value(accessToken)))
    })
  )

  test(
    "ends a session its whole lifetime after the last refresh",
    Effect.gen(function* () {
      const sessions = yield* instance
      const { refresh } = yield* open(sessions)
      yield* advance("179 minutes")
      yield* sessions.refresh(refresh, "classic")
      yield* advance("179 minutes")
      const access = Redacted.value(yield* sessions.refresh(refresh, "classic"))
      yield* sessions.authenticate(access)
      yield* advance("3 hours")
      yield* refused(sessions.refresh(refresh, "classic"))
      yield* refused(sessions.authenticate(access))
      yield* refused(sessions.end(refresh))
    })
  )

  test(
    "takes a session for longer that another instance refreshed",
    Effect.gen(function* () {
      const [here, there] = [yield* instance, yield* instance]
      const { access, refresh } = yield* open(here)
      yield* there.authenticate(access)
      yield* advance("175 minutes")
      const refreshed = Redacted.value(yield* here.refresh(refresh, "classic"))
      yield* advance("10 minutes")
      const { expiresAt } = yield* there.authenticate(refreshed)
      assert.isTrue(DateTime.isGreaterThan(expiresAt, yield* DateTime.now))
    })
  )

  for (const which of ["access", "refresh"] as const) {
    test(
      `ends the whole session at once by its ${which} token`,
      Effect.gen(function* () {
        const sessions = yield* instance
        const signedIn = yield* open(sessions)
        const other = yield* open(sessions, signedIn.session.accountId)
        yield* sessions.authenticate(signedIn.access)
        yield* sessions.end(signedIn[which])
        yield* refused(sessions.authenticate(signedIn.access))
        yield* refused(sessions.refresh(signedIn.refresh, "classic"))
        yield* refused(sessions.end(signedIn[which]))
        yield* sessions.authenticate(other.access)
      })
    )
  }

  test(
    "hears of a session that ended on another instance",
    Effect.gen(function* () {
      const [here, there] = [yield* instance, yield* instance]
      const { access } = yield* open(here)
      yield* there.authenticate(access)
      yield* here.end(access)
      yield* advance()
      yield* refused(there.authenticate(access))
    })
  )

  test(
    "asks the repository every time while the bus is away",
    Effect.gen(function* () {
      const [here, there] = [yield* instance, yield* instance]
      const bus = yield* MemoryBus
      const { access } = yield* open(here)
      yield* there.authenticate(access)
      yield* bus.disconnect
      assert.deepStrictEqual(yield* asks(Effect.replicateEffect(there.authenticate(access), 3)), [
        "findActive",
        "findActive",
        "findActive"
      ])
      yield* here.end(access)
      yield* refused(there.authenticate(access))
    })
  )

  test(
    "asks again about what it knew when messages may have been missed",
    Effect.gen(function* () {
      const [here, there] = [yield* instance, yield* instance]
      const bus = yield* MemoryBus
      const [gone, kept] = [yield* open(here), yield* open(here)]
      yield* there.authenticate(gone.access)
      yield* there.authenticate(kept.access)
      yield* bus.disconnect
      yield* here.end(gone.access)
      yield* bus.reconnect
      yield* advance()
      yield* refused(there.authenticate(gone.access))
      assert.deepStrictEqual(yield* asks(there.authenticate(kept.access)), ["findActive"])
      assert.deepStrictEqual(yield* asks(there.authenticate(kept.access)), [])
    })
  )

  test(
    "finds out within seconds what no message told of",
    Effect.gen(function* () {
      const sessions = yield* instance
      const repository = yield* SessionRepository
      const { access, session } = yield* open(sessions)
      yield* sessions.authenticate(access)
      yield* repository.end(session.id, yield* DateTime.now)
      yield* sessions.authenticate(access)
      yield* advance("5 seconds")
      yield* refused(sessions.authenticate(access))
    })
  )

  test(
    "goes on looking after the database was away",
    Effect.gen(function* () {
      const sessions = yield* instance
      const repository = yield* SessionRepository
      const asked = yield* Asked
      const { access, session } = yield* open(sessions)
      yield* sessions.authenticate(access)
      asked.away = true
      yield* advance("12 seconds")
      asked.away = false
      yield* repository.end(session.id, yield* DateTime.now)
      yield* advance("5 seconds")
      yield* refused(sessions.authenticate(access))
    })
  )

  test(
    "remembers no failure of the database",
    Effect.gen(function* () {
      const sessions = yield* instance
      const asked = yield* Asked
      const { access, session } = yield* open(sessions)
      asked.away = true
      assert.strictEqual((yield* Effect.exit(sessions.authenticate(access)))._tag, "Failure")
      asked.away = false
      assert.deepStrictEqual(yield* sessions.authenticate(access), session)
    })
  )

  test(
    "forgets ended sessions after a day",
    Effect.gen(function* () {
      const sessions = yield* instance
      const repository = yield* SessionRepository
      const { access, session } = yield* open(sessions)
      const began = yield* DateTime.now
      yield* sessions.end(access)
      yield* advance("23 hours")
      assert.deepStrictEqual(yield* repository.listEndedSince(began), [session.id])
      yield* advance("2 hours")
      assert.deepStrictEqual(yield* repository.listEndedSince(began), [])
    })
  )
})
