import { DateTime, Effect, HashMap, Layer, Option, Order, Result } from "effect"
import { Session, SessionEnded, type SessionId } from "../../domain/accounts/Session.ts"
import { SessionRepository } from "../../domain/accounts/SessionRepository.ts"
import { KeyViolation, MemoryWorld, type SessionRow, type World } from "./MemoryWorld.ts"

const isActive = (row: SessionRow, now: DateTime.Utc) =>
  row.endedAt === null && DateTime.isGreaterThan(row.session.expiresAt, now)

const findActive = (world: World, id: SessionId, now: DateTime.Utc) =>
  Option.filter(HashMap.get(world.sessions, id), (row) => isActive(row, now))

const withRow = (world: World, row: SessionRow): World => ({
  ...world,
  sessions: HashMap.set(world.sessions, row.session.id, row)
})

const sameBytes = (one: Uint8Array, other: Uint8Array) =>
  one.length === other.length && one.every((byte, index) => byte === other[index])

const latestEnd = Order.mapInput(
  Order.flip(DateTime.Order),
  (ended: { readonly endedAt: DateTime.Utc }) => ended.endedAt
)

export const SessionRepositoryMemory = Layer.effect(
  SessionRepository,
  Effect.gen(function* () {
    const world = yield* MemoryWorld

    return SessionRepository.of({
      insert: (session, refreshTokenHash) =>
        Effect.orDie(
          world.change((before) =>
            HashMap.has(before.accounts, session.accountId)
              ? Result.succeed([undefined, withRow(before, { session, refreshTokenHash, endedAt: null })])
              : Result.fail(new KeyViolation({ key: "sessions.account_id" }))
          )
        ),

      findActive: (id, now) =>
        Effect.flatMap(
          world.read((current) => findActive(current, id, now)),
          Option.match({
            onNone: () => Effect.fail(new SessionEnded({ id })),
            onSome: (row) => Effect.succeed(row.session)
          })
        ),

      extend: ({ dialect, expiresAt, id, now, refreshTokenHash }) =>
        world.change((before) => {
          const row = Option.getOrUndefined(findActive(before, id, now))
          if (
            row === undefined ||
            row.session.dialect !== dialect ||
            row.refreshTokenHash === null ||
            !sameBytes(row.refreshTokenHash, refreshTokenHash)
          ) {
            return Result.fail(new SessionEnded({ id }))
          }
          const session = new Session({ ...row.session, expiresAt })
          return Result.succeed([session, withRow(before, { ...row, session })])
        }),

      end: (id, now) =>
        world.change((before) =>
          Option.match(findActive(before, id, now), {
            onNone: () => Result.fail(new SessionEnded({ id })),
            onSome: (row) => Result.succeed([undefined, withRow(before, { ...row, endedAt: now })])
          })
        ),

      listEndedSince: (since) =>
        world.read(({ sessions }) =>
          HashMap.toValues(sessions)
            .flatMap(({ endedAt, session }) =>
              endedAt !== null && DateTime.isGreaterThanOrEqualTo(endedAt, since) ? [{ id: session.id, endedAt }] : []
            )
            .toSorted(latestEnd)
            .slice(0, 10_000)
            .map(({ id }) => id)
        ),

      deleteEndedBefore: (before) =>
        world.change((current) => {
          const sessions = HashMap.filter(
            current.sessions,
            ({ endedAt, session }) =>
              !(endedAt !== null && DateTime.isLessThan(endedAt, before)) &&
              !DateTime.isLessThan(session.expiresAt, before)
          )
          return Result.succeed([undefined, { ...current, sessions }])
        })
    })
  })
)
