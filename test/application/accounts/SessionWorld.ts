import { assert } from "@effect/vitest"
import { Context, Duration, Effect, Layer, Logger, Redacted } from "effect"
import { Sessions, type SessionRequest } from "../../../src/application/accounts/Sessions.ts"
import type { SessionLifetimes } from "../../../src/application/accounts/SessionTokens.ts"
import { SessionRepository } from "../../../src/domain/accounts/SessionRepository.ts"
import { InvalidToken } from "../../../src/domain/accounts/Tokens.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { someAccount } from "../../contracts/Fixtures.ts"
import { testOn } from "../RookeryTest.ts"

const lifetimes: SessionLifetimes = { access: Duration.minutes(15), session: Duration.hours(3) }

/** What was asked of the repository, and whether it answers. */
export class Asked extends Context.Service<Asked, { calls: Array<string>; away: boolean }>()("test/Asked") {}

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
      findRefreshState: seen("findRefreshState", sessions.findRefreshState),
      extend: seen("extend", sessions.extend),
      rotate: seen("rotate", sessions.rotate),
      end: seen("end", sessions.end),
      endByAccount: seen("endByAccount", sessions.endByAccount),
      endAllByAccount: seen("endAllByAccount", sessions.endAllByAccount),
      listActiveByAccount: seen("listActiveByAccount", sessions.listActiveByAccount),
      listEndedSince: seen("listEndedSince", sessions.listEndedSince),
      saveLastUses: seen("saveLastUses", sessions.saveLastUses),
      deleteEndedBefore: seen("deleteEndedBefore", sessions.deleteEndedBefore)
    })
  })
)

/** Everything that was logged, each as one text. */
export class Logged extends Context.Service<Logged, Array<string>>()("test/Logged") {}

const Logging = Layer.unwrap(
  Effect.map(Logged, (lines) => Logger.layer([Logger.map(Logger.formatJson, (line) => lines.push(line))]))
).pipe(Layer.provideMerge(Layer.sync(Logged, () => [])))

export const SessionWorld = Watched.pipe(
  Layer.provideMerge(Layer.sync(Asked, () => ({ calls: [], away: false }))),
  Layer.provideMerge(MemoryPorts),
  Layer.provideMerge(Logging)
)

export const test = testOn(SessionWorld)

/** One more instance of the application on the same database and bus. */
export const instance = Effect.map(Layer.build(Layer.fresh(Sessions.layer(lifetimes))), (built) =>
  Context.get(built, Sessions)
)

type Instance = Sessions["Service"]

/** A session with both tokens. */
export const open = Effect.fnUntraced(function* (sessions: Instance, request: Partial<SessionRequest> = {}) {
  const accountId = request.accountId ?? (yield* someAccount).id
  const usual = { dialect: "classic", refreshable: true, userAgent: undefined } as const
  const { accessToken, refreshToken, session } = yield* sessions.open({ ...usual, ...request, accountId })
  return { session, access: Redacted.value(accessToken), refresh: Redacted.value(refreshToken ?? accessToken) }
})

/** The pair that a refresh token is good for. */
export const rotate = (sessions: Instance, refreshToken: string) =>
  Effect.map(sessions.rotate(refreshToken, "v1"), (pair) => ({
    access: Redacted.value(pair.accessToken),
    refresh: Redacted.value(pair.refreshToken)
  }))

export const refused = Effect.fnUntraced(function* <R>(attempt: Effect.Effect<unknown, InvalidToken, R>) {
  assert.deepStrictEqual(yield* Effect.flip(attempt), new InvalidToken())
})

/** What an effect asks of the repository. */
export const asks = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const asked = yield* Asked
  const before = asked.calls.length
  yield* Effect.exit(effect)
  return asked.calls.slice(before)
})
