import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer } from "effect"
import type { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import { type Dialect, Session, SessionEnded, SessionId } from "../../src/domain/accounts/Session.ts"
import { SessionRepository } from "../../src/domain/accounts/SessionRepository.ts"
import { someAccount, unknownAccount } from "./Fixtures.ts"

const now = DateTime.makeUnsafe("2026-03-01T12:00:00.123Z")
const minutes = (count: number) => DateTime.add(now, { minutes: count })
const hash = (byte: number) => new Uint8Array(32).fill(byte)

/** Every SessionRepository must pass this, whatever it stores sessions in. */
export const sessionsContract = <E>(name: string, adapter: Layer.Layer<AccountRepository | SessionRepository, E>) =>
  layer(adapter, { excludeTestServices: true })(`SessionRepository: ${name}`, (it) => {
    const open = Effect.fnUntraced(function* (options?: { readonly dialect?: Dialect; readonly until?: DateTime.Utc }) {
      const sessions = yield* SessionRepository
      const { id: accountId } = yield* someAccount
      const { dialect = "classic", until = minutes(10) } = options ?? {}
      const id = SessionId.make(crypto.randomUUID())
      const session = new Session({ id, accountId, dialect, createdAt: now, expiresAt: until })
      yield* sessions.insert(session, hash(1))
      return session
    })
    const extension = (session: Session) => ({
      id: session.id,
      dialect: session.dialect,
      refreshTokenHash: hash(1),
      expiresAt: minutes(60),
      now: minutes(5)
    })

    it.effect("finds a session until it runs out", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const session = yield* open()
        assert.deepStrictEqual(yield* sessions.findActive(session.id, now), session)
        const last = DateTime.subtract(session.expiresAt, { milliseconds: 1 })
        assert.deepStrictEqual(yield* sessions.findActive(session.id, last), session)
        const error = yield* Effect.flip(sessions.findActive(session.id, session.expiresAt))
        assert.deepStrictEqual(error, new SessionEnded({ id: session.id }))
      })
    )

    it.effect("finds none that nobody opened", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const id = SessionId.make(crypto.randomUUID())
        assert.deepStrictEqual(yield* Effect.flip(sessions.findActive(id, now)), new SessionEnded({ id }))
        assert.deepStrictEqual(yield* Effect.flip(sessions.end(id, now)), new SessionEnded({ id }))
      })
    )

    it.effect("moves the end of a session", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const session = yield* open()
        const moved = new Session({ ...session, expiresAt: minutes(60) })
        assert.deepStrictEqual(yield* sessions.extend(extension(session)), moved)
        assert.deepStrictEqual(yield* sessions.findActive(session.id, minutes(59)), moved)
      })
    )

    it.effect("moves it for nobody else", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const session = yield* open()
        const refused = [
          { ...extension(session), id: SessionId.make(crypto.randomUUID()) },
          { ...extension(session), dialect: "v1" as const },
          { ...extension(session), refreshTokenHash: hash(2) },
          { ...extension(session), refreshTokenHash: hash(1).subarray(0, 31) },
          { ...extension(session), now: session.expiresAt }
        ]
        for (const attempt of refused) {
          const error = yield* Effect.flip(sessions.extend(attempt))
          assert.deepStrictEqual(error, new SessionEnded({ id: attempt.id }))
        }
        assert.deepStrictEqual(yield* sessions.findActive(session.id, now), session)
      })
    )

    it.effect("never moves a session that has no refresh token", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const { accountId } = yield* open()
        const id = SessionId.make(crypto.randomUUID())
        const session = new Session({ id, accountId, dialect: "classic", createdAt: now, expiresAt: minutes(10) })
        yield* sessions.insert(session, null)
        assert.deepStrictEqual(yield* sessions.findActive(id, now), session)
        yield* Effect.flip(sessions.extend(extension(session)))
        yield* Effect.flip(sessions.extend({ ...extension(session), refreshTokenHash: new Uint8Array(0) }))
      })
    )

    it.effect("ends a session once and for good", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const [session, other] = [yield* open(), yield* open()]
        yield* sessions.end(session.id, minutes(1))
        const ended = new SessionEnded({ id: session.id })
        assert.deepStrictEqual(yield* Effect.flip(sessions.end(session.id, minutes(2))), ended)
        assert.deepStrictEqual(yield* Effect.flip(sessions.findActive(session.id, now)), ended)
        assert.deepStrictEqual(yield* Effect.flip(sessions.extend(extension(session))), ended)
        assert.deepStrictEqual(yield* sessions.findActive(other.id, now), other)
      })
    )

    it.effect("ends none that ran out", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const session = yield* open()
        const error = yield* Effect.flip(sessions.end(session.id, session.expiresAt))
        assert.deepStrictEqual(error, new SessionEnded({ id: session.id }))
      })
    )

    it.effect("lets one of many at once end a session", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const session = yield* open()
        const attempts = Array.from({ length: 8 }, () => Effect.isSuccess(sessions.end(session.id, minutes(1))))
        const ended = yield* Effect.all(attempts, { concurrency: "unbounded" })
        assert.strictEqual(ended.filter((success) => success).length, 1)
      })
    )

    it.effect("lists what has ended since, the newest first", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const [one, two, three] = [yield* open(), yield* open(), yield* open()]
        // Before anything else that this suite ends.
        const day = (count: number) => DateTime.makeUnsafe(`2001-01-0${count}T00:00:00Z`)
        yield* sessions.end(two.id, day(2))
        yield* sessions.end(one.id, day(1))
        yield* sessions.end(three.id, day(3))
        const mine = (ids: ReadonlyArray<SessionId>) => ids.filter((id) => [one.id, two.id, three.id].includes(id))
        assert.deepStrictEqual(mine(yield* sessions.listEndedSince(day(1))), [three.id, two.id, one.id])
        assert.deepStrictEqual(mine(yield* sessions.listEndedSince(day(2))), [three.id, two.id])
        assert.deepStrictEqual(mine(yield* sessions.listEndedSince(day(4))), [])
      })
    )

    it.effect("removes what ended or ran out before", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const [ended, endedLater, alive] = [yield* open(), yield* open(), yield* open()]
        const ranOut = yield* open({ until: minutes(2) })
        yield* sessions.end(ended.id, minutes(1))
        yield* sessions.end(endedLater.id, minutes(4))
        yield* sessions.deleteEndedBefore(minutes(3))
        const kept = yield* sessions.listEndedSince(now)
        assert.notInclude(kept, ended.id)
        assert.include(kept, endedLater.id)
        assert.deepStrictEqual(yield* sessions.findActive(alive.id, now), alive)
        yield* Effect.flip(sessions.findActive(ranOut.id, now))
      })
    )

    it.effect("dies of a session of nobody", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const session = yield* open()
        const id = SessionId.make(crypto.randomUUID())
        const orphan = new Session({ ...session, id, accountId: unknownAccount })
        const exit = yield* Effect.exit(sessions.insert(orphan, null))
        assert.isTrue(exit._tag === "Failure")
        yield* Effect.flip(sessions.findActive(id, now))
      })
    )
  })
