import { assert, describe } from "@effect/vitest"
import { DateTime, Effect, Redacted } from "effect"
import { MemoryBus } from "../../../src/adapters/memory/RevocationsMemory.ts"
import { AccountNotFound, PasswordHash } from "../../../src/domain/accounts/Account.ts"
import { SessionEnded } from "../../../src/domain/accounts/Session.ts"
import { SessionRepository } from "../../../src/domain/accounts/SessionRepository.ts"
import { someAccount, unknownAccount } from "../../contracts/Fixtures.ts"
import { advance } from "../RookeryTest.ts"
import { Asked, asks, instance, open, refused, test } from "./SessionWorld.ts"

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
    "keeps what a client calls itself, as far as it can be kept",
    Effect.gen(function* () {
      const sessions = yield* instance
      const kept = Effect.fnUntraced(function* (userAgent: string | undefined) {
        const { session } = yield* open(sessions, { userAgent })
        return session.userAgent
      })
      assert.strictEqual(yield* kept(" curl/8.5.0 "), "curl/8.5.0")
      for (const nothing of [undefined, "", "  "]) assert.isNull(yield* kept(nothing))
      assert.strictEqual(yield* kept("a\u0000b\uD800c"), "a\uFFFDb\uFFFDc")
      assert.strictEqual(yield* kept("x".repeat(511) + "\u{1F989}"), "x".repeat(511) + "\uFFFD")
      assert.strictEqual(yield* kept("x".repeat(9000)), "x".repeat(512))
    })
  )

  test(
    "opens none for an account that is gone, or has another password by now",
    Effect.gen(function* () {
      const sessions = yield* instance
      const { id: accountId } = yield* someAccount
      const passwordHash = PasswordHash.make("$another$")
      for (const request of [{ accountId: unknownAccount }, { accountId, passwordHash }]) {
        const error = yield* Effect.flip(open(sessions, request))
        assert.deepStrictEqual(error, new AccountNotFound({ id: request.accountId }))
      }
      yield* open(sessions, { accountId, passwordHash: PasswordHash.make("$none$") })
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
      const { id: accountId } = yield* someAccount
      const request = { accountId, dialect: "talk", refreshable: false, userAgent: undefined } as const
      const { accessToken, refreshToken } = yield* sessions.open(request)
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
      const { refresh, session } = yield* open(sessions)
      yield* advance("179 minutes")
      yield* sessions.refresh(refresh, "classic")
      yield* advance("179 minutes")
      const access = Redacted.value(yield* sessions.refresh(refresh, "classic"))
      yield* sessions.authenticate(access)
      yield* advance("3 hours")
      yield* refused(sessions.refresh(refresh, "classic"))
      yield* refused(sessions.authenticate(access))
      assert.deepStrictEqual(yield* Effect.flip(sessions.end(refresh)), new SessionEnded({ id: session.id }))
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
        const other = yield* open(sessions, { accountId: signedIn.session.accountId })
        yield* sessions.authenticate(signedIn.access)
        yield* sessions.end(signedIn[which])
        yield* refused(sessions.authenticate(signedIn.access))
        yield* refused(sessions.refresh(signedIn.refresh, "classic"))
        const ended = new SessionEnded({ id: signedIn.session.id })
        assert.deepStrictEqual(yield* Effect.flip(sessions.end(signedIn[which])), ended)
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
