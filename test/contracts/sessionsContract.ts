import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer, Option } from "effect"
import { AccountNotFound, PasswordHash } from "../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../src/domain/accounts/AccountRepository.ts"
import { Session, SessionEnded, SessionId } from "../../src/domain/accounts/Session.ts"
import { SessionRepository } from "../../src/domain/accounts/SessionRepository.ts"
import { someAccount, unknownAccount } from "./Fixtures.ts"

const now = DateTime.makeUnsafe("2026-03-01T12:00:00.123Z")
const minutes = (count: number) => DateTime.add(now, { minutes: count })
const hash = (byte: number) => new Uint8Array(32).fill(byte)

/** Every SessionRepository must pass this, whatever it stores sessions in. */
export const sessionsContract = <E>(name: string, adapter: Layer.Layer<AccountRepository | SessionRepository, E>) =>
  layer(adapter, { excludeTestServices: true })(`SessionRepository: ${name}`, (it) => {
    const open = Effect.fnUntraced(function* (options: Partial<Session> = {}) {
      const sessions = yield* SessionRepository
      const accountId = options.accountId ?? (yield* someAccount).id
      const id = SessionId.make(crypto.randomUUID())
      const times = { createdAt: now, lastUsedAt: now, expiresAt: minutes(10) }
      const session = new Session({ id, dialect: "v1", userAgent: "curl/8.5.0", ...times, ...options, accountId })
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
    const rotation = (session: Session) => ({ ...extension(session), generation: 0, nextTokenHash: hash(2) })

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
        const moved = new Session({ ...session, expiresAt: minutes(60), lastUsedAt: minutes(5) })
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
          { ...extension(session), dialect: "classic" as const },
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
        const session = new Session({ ...(yield* open({ accountId })), id: SessionId.make(crypto.randomUUID()) })
        yield* sessions.insert(session, null)
        assert.deepStrictEqual(yield* sessions.findActive(session.id, now), session)
        assert.isNull((yield* sessions.findRefreshState(session.id, now)).hash)
        for (const refreshTokenHash of [hash(1), new Uint8Array(0)]) {
          yield* Effect.flip(sessions.extend({ ...extension(session), refreshTokenHash }))
          yield* Effect.flip(sessions.rotate({ ...rotation(session), refreshTokenHash }))
        }
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
        const ranOut = yield* open({ expiresAt: minutes(2) })
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

    it.effect("opens none for nobody", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const id = SessionId.make(crypto.randomUUID())
        const orphan = new Session({ ...(yield* open()), id, accountId: unknownAccount })
        const error = yield* Effect.flip(sessions.insert(orphan, null))
        assert.deepStrictEqual(error, new AccountNotFound({ id: unknownAccount }))
        yield* Effect.flip(sessions.findActive(id, now))
      })
    )

    it.effect("opens none by a password that the account does not have any more", () =>
      Effect.gen(function* () {
        const [accounts, sessions] = [yield* AccountRepository, yield* SessionRepository]
        const { accountId } = yield* open()
        const [old, young] = [PasswordHash.make("$none$"), PasswordHash.make("$some$")]
        const insert = Effect.fnUntraced(function* (passwordHash: PasswordHash) {
          const id = SessionId.make(crypto.randomUUID())
          yield* sessions.insert(new Session({ ...(yield* open()), id, accountId }), null, passwordHash)
          return yield* sessions.findActive(id, now)
        })
        yield* insert(old)
        yield* accounts.savePasswordHash(accountId, young, old)
        assert.deepStrictEqual(yield* Effect.flip(insert(old)), new AccountNotFound({ id: accountId }))
        yield* insert(young)
      })
    )

    it.effect("begins with the first refresh token", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const session = yield* open()
        const state = { session, generation: 0, issuedAt: session.createdAt, hash: hash(1) }
        assert.deepStrictEqual(yield* sessions.findRefreshState(session.id, now), state)
        yield* Effect.flip(sessions.findRefreshState(session.id, session.expiresAt))
      })
    )

    it.effect("puts the next refresh token in the place of the current one", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const session = yield* open()
        const moved = new Session({ ...session, expiresAt: minutes(60), lastUsedAt: minutes(5) })
        assert.deepStrictEqual(yield* sessions.rotate(rotation(session)), moved)
        const state = { session: moved, generation: 1, issuedAt: minutes(5), hash: hash(2) }
        assert.deepStrictEqual(yield* sessions.findRefreshState(session.id, now), state)
        yield* Effect.flip(sessions.rotate(rotation(session)))
        yield* Effect.flip(sessions.extend(extension(session)))
        const second = { refreshTokenHash: hash(2), generation: 1, nextTokenHash: hash(3), now: minutes(6) }
        yield* sessions.rotate({ ...rotation(session), ...second })
        const { generation, issuedAt } = yield* sessions.findRefreshState(session.id, now)
        assert.deepStrictEqual([generation, issuedAt], [2, minutes(6)])
      })
    )

    it.effect("puts it there for nobody else", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const session = yield* open()
        const refused = [
          { ...rotation(session), id: SessionId.make(crypto.randomUUID()) },
          { ...rotation(session), dialect: "classic" as const },
          { ...rotation(session), refreshTokenHash: hash(2) },
          { ...rotation(session), generation: 1 },
          { ...rotation(session), now: session.expiresAt }
        ]
        for (const attempt of refused) {
          const error = yield* Effect.flip(sessions.rotate(attempt))
          assert.deepStrictEqual(error, new SessionEnded({ id: attempt.id }))
        }
        assert.strictEqual((yield* sessions.findRefreshState(session.id, now)).generation, 0)
        yield* sessions.end(session.id, minutes(1))
        yield* Effect.flip(sessions.rotate(rotation(session)))
        yield* Effect.flip(sessions.findRefreshState(session.id, now))
      })
    )

    it.effect("lets one of many at once replace a refresh token", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const session = yield* open()
        const attempts = Array.from({ length: 10 }, (_, index) =>
          Effect.option(Effect.as(sessions.rotate({ ...rotation(session), nextTokenHash: hash(index) }), hash(index)))
        )
        const [winner, ...others] = (yield* Effect.all(attempts, { concurrency: "unbounded" })).flatMap(Option.toArray)
        assert.isEmpty(others)
        const state = yield* sessions.findRefreshState(session.id, now)
        assert.deepStrictEqual([state.generation, state.hash], [1, winner])
      })
    )

    it.effect("says how far a session had come when it ended", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const session = yield* open()
        yield* sessions.rotate(rotation(session))
        const state = yield* sessions.findRefreshState(session.id, now)
        assert.deepStrictEqual(yield* sessions.end(session.id, minutes(7)), state)
      })
    )

    it.effect("ends a session for its account alone", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const [mine, theirs] = [yield* open(), yield* open()]
        const ended = new SessionEnded({ id: theirs.id })
        assert.deepStrictEqual(yield* Effect.flip(sessions.endByAccount(mine.accountId, theirs.id, now)), ended)
        assert.deepStrictEqual(yield* sessions.findActive(theirs.id, now), theirs)
        yield* sessions.endByAccount(theirs.accountId, theirs.id, now)
        assert.deepStrictEqual(yield* Effect.flip(sessions.endByAccount(theirs.accountId, theirs.id, now)), ended)
        yield* Effect.flip(sessions.findActive(theirs.id, now))
      })
    )

    it.effect("ends all of an account, of nobody else, and says which", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const [kept, theirs] = [yield* open(), yield* open()]
        const { accountId } = kept
        const [one, two] = [yield* open({ accountId }), yield* open({ accountId })]
        yield* sessions.end((yield* open({ accountId })).id, now)
        yield* open({ accountId, expiresAt: minutes(1) })
        const ended = yield* sessions.endAllByAccount(accountId, minutes(2), kept.id)
        assert.sameMembers([...ended], [one.id, two.id])
        assert.deepStrictEqual(yield* sessions.listActiveByAccount(accountId, minutes(2)), [kept])
        assert.deepStrictEqual(yield* sessions.endAllByAccount(accountId, minutes(3)), [kept.id])
        assert.deepStrictEqual(yield* sessions.endAllByAccount(accountId, minutes(3)), [])
        assert.deepStrictEqual(yield* sessions.findActive(theirs.id, now), theirs)
      })
    )

    it.effect("lists what an account has open, the latest used first", () =>
      Effect.gen(function* () {
        const sessions = yield* SessionRepository
        const early = yield* open({ userAgent: null, lastUsedAt: minutes(1) })
        const { accountId } = early
        const late = yield* open({ accountId, dialect: "talk", lastUsedAt: minutes(3) })
        const [older, younger] = [
          yield* open({ accountId, lastUsedAt: minutes(2), createdAt: minutes(1) }),
          yield* open({ accountId, lastUsedAt: minutes(2), createdAt: minutes(2) })
        ]
        const ended = yield* open({ accountId })
        yield* sessions.end(ended.id, now)
        yield* open({ accountId, expiresAt: minutes(4) })
        yield* open()
        const listed = yield* sessions.listActiveByAccount(accountId, minutes(4))
        assert.deepStrictEqual(listed, [late, younger, older, early])
      })
    )

    it.effect("moves last uses forward, and says which sessions there are no more", () =>
      Effect.gen(function* () {
        const [accounts, sessions] = [yield* AccountRepository, yield* SessionRepository]
        const [one, two, ended, gone] = [yield* open(), yield* open(), yield* open(), yield* open()]
        yield* sessions.end(ended.id, minutes(1))
        yield* accounts.delete(gone.accountId)
        const at = (count: number) => (session: Session) => ({ id: session.id, at: minutes(count) })
        const lastUse = (session: Session) =>
          Effect.map(sessions.findActive(session.id, now), ({ lastUsedAt }) => lastUsedAt)
        assert.sameMembers([...(yield* sessions.saveLastUses([one, two, ended, gone].map(at(3))))], [ended.id, gone.id])
        assert.deepStrictEqual([yield* lastUse(one), yield* lastUse(two)], [minutes(3), minutes(3)])
        assert.deepStrictEqual(yield* sessions.saveLastUses([at(2)(one), at(4)(two)]), [])
        assert.deepStrictEqual([yield* lastUse(one), yield* lastUse(two)], [minutes(3), minutes(4)])
        assert.deepStrictEqual(yield* sessions.saveLastUses([]), [])
      })
    )
  })
