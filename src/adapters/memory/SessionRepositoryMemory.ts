import { DateTime, Effect, HashMap, Layer, Option, Order, Result } from "effect"
import { type AccountId, AccountNotFound } from "../../domain/accounts/Account.ts"
import { Session, SessionEnded, type SessionId } from "../../domain/accounts/Session.ts"
import { type Extension, SessionRepository } from "../../domain/accounts/SessionRepository.ts"
import { type Change, MemoryWorld } from "./MemoryWorld.ts"
import type { SessionRow, World } from "./World.ts"

const isActive = (row: SessionRow, now: DateTime.Utc) =>
  row.endedAt === null && DateTime.isGreaterThan(row.session.expiresAt, now)

const findActive = (world: World, id: SessionId, now: DateTime.Utc) =>
  Option.filter(HashMap.get(world.sessions, id), (row) => isActive(row, now))

const activeOf = (world: World, accountId: AccountId, now: DateTime.Utc) =>
  HashMap.toValues(world.sessions).filter((row) => row.session.accountId === accountId && isActive(row, now))

const withRow = (world: World, row: SessionRow): World => ({
  ...world,
  sessions: HashMap.set(world.sessions, row.session.id, row)
})

const sameBytes = (one: Uint8Array, other: Uint8Array) =>
  one.length === other.length && one.every((byte, index) => byte === other[index])

const isExtensible = (row: SessionRow | undefined, { dialect, refreshTokenHash }: Extension): row is SessionRow =>
  row !== undefined && row.session.dialect === dialect && row.hash !== null && sameBytes(row.hash, refreshTokenHash)

const moved = (session: Session, { expiresAt, now }: Extension) =>
  new Session({ ...session, expiresAt, lastUsedAt: DateTime.max(session.lastUsedAt, now) })

const ended = ({ id }: { readonly id: SessionId }) => Result.fail(new SessionEnded({ id }))

const latestEnd = Order.mapInput(
  Order.flip(DateTime.Order),
  (ended: { readonly endedAt: DateTime.Utc }) => ended.endedAt
)

const latestUse = Order.combineAll<Session>([
  Order.mapInput(Order.flip(DateTime.Order), (session) => session.lastUsedAt),
  Order.mapInput(Order.flip(DateTime.Order), (session) => session.createdAt),
  Order.mapInput(Order.String, (session) => session.id)
])

export const SessionRepositoryMemory = Layer.effect(
  SessionRepository,
  Effect.gen(function* () {
    const world = yield* MemoryWorld

    return SessionRepository.of({
      insert: (session, hash, passwordHash) =>
        world.change((before): Change<void, AccountNotFound> => {
          const account = Option.getOrUndefined(HashMap.get(before.accounts, session.accountId))
          if (account === undefined || (passwordHash !== undefined && account.passwordHash !== passwordHash)) {
            return Result.fail(new AccountNotFound({ id: session.accountId }))
          }
          const row = { session, generation: 0, issuedAt: session.createdAt, hash, endedAt: null }
          return Result.succeed([undefined, withRow(before, row)])
        }),

      findActive: (id, now) =>
        Effect.flatMap(
          world.read((current) => findActive(current, id, now)),
          Option.match({
            onNone: () => Effect.fail(new SessionEnded({ id })),
            onSome: (row) => Effect.succeed(row.session)
          })
        ),

      findRefreshState: (id, now) =>
        Effect.flatMap(
          world.read((current) => findActive(current, id, now)),
          Option.match({
            onNone: () => Effect.fail(new SessionEnded({ id })),
            onSome: ({ endedAt: _, ...state }) => Effect.succeed(state)
          })
        ),

      extend: (extension) =>
        world.change((before): Change<Session, SessionEnded> => {
          const row = Option.getOrUndefined(findActive(before, extension.id, extension.now))
          if (!isExtensible(row, extension)) return ended(extension)
          const session = moved(row.session, extension)
          return Result.succeed([session, withRow(before, { ...row, session })])
        }),

      rotate: (rotation) =>
        world.change((before): Change<Session, SessionEnded> => {
          const row = Option.getOrUndefined(findActive(before, rotation.id, rotation.now))
          if (!isExtensible(row, rotation) || row.generation !== rotation.generation) return ended(rotation)
          const session = moved(row.session, rotation)
          const next = { generation: row.generation + 1, issuedAt: rotation.now, hash: rotation.nextTokenHash }
          return Result.succeed([session, withRow(before, { ...row, ...next, session })])
        }),

      end: (id, now) =>
        world.change((before) =>
          Option.match(findActive(before, id, now), {
            onNone: () => ended({ id }),
            onSome: ({ endedAt: _, ...state }) => Result.succeed([state, withRow(before, { ...state, endedAt: now })])
          })
        ),

      endByAccount: (accountId, id, now) =>
        world.change((before) =>
          Option.match(
            Option.filter(findActive(before, id, now), ({ session }) => session.accountId === accountId),
            {
              onNone: () => ended({ id }),
              onSome: (row) => Result.succeed([undefined, withRow(before, { ...row, endedAt: now })])
            }
          )
        ),

      endAllByAccount: (accountId, now, keep) =>
        world.change((before) => {
          const rows = activeOf(before, accountId, now).filter(({ session }) => session.id !== keep)
          const after = rows.reduce((current, row) => withRow(current, { ...row, endedAt: now }), before)
          return Result.succeed([rows.map(({ session }) => session.id), after])
        }),

      listActiveByAccount: (accountId, now) =>
        world.read((current) =>
          activeOf(current, accountId, now)
            .map(({ session }) => session)
            .toSorted(latestUse)
            .slice(0, 1000)
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

      saveLastUses: (uses) =>
        world.change((before) => {
          const gone: Array<SessionId> = []
          const after = uses.reduce((current, { at, id }) => {
            const row = Option.getOrUndefined(HashMap.get(current.sessions, id))
            if (row === undefined || row.endedAt !== null) {
              gone.push(id)
              return current
            }
            const session = new Session({ ...row.session, lastUsedAt: DateTime.max(row.session.lastUsedAt, at) })
            return withRow(current, { ...row, session })
          }, before)
          return Result.succeed([gone, after])
        }),

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
