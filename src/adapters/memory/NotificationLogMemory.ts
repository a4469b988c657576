import { DateTime, Effect, HashMap, Layer, Option, Result } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import { KeptNotification, type Notification, NotificationId } from "../../domain/notifications/Notification.ts"
import { LogTooOld, mostKept, NotificationLog } from "../../domain/notifications/NotificationLog.ts"
import { MemoryWorld } from "./MemoryWorld.ts"
import type { NotificationsRow, World } from "./World.ts"

/** Without the oldest ones. */
const forgetting = (row: NotificationsRow, count: number): NotificationsRow => {
  const forgottenAt = row.kept[count - 1]?.createdAt ?? row.forgottenAt
  return { ...row, forgottenAt, kept: row.kept.slice(count) }
}

const nothing = (now: DateTime.Utc): NotificationsRow => ({
  newestId: 0,
  newestAt: now,
  forgottenAt: null,
  addressBookSince: null,
  kept: []
})

/** For repositories, too, that tell of what they change. */
export const withNotification = (
  world: World,
  accountId: AccountId,
  notification: Notification,
  now: DateTime.Utc
): World => {
  if (!HashMap.has(world.accounts, accountId)) return world
  const before = Option.getOrElse(HashMap.get(world.notifications, accountId), () => nothing(now))
  const id = NotificationId.make(before.newestId + 1)
  const createdAt = DateTime.max(before.newestAt, now)
  const kept = [...before.kept, new KeptNotification({ id, accountId, notification, createdAt })]
  const row = forgetting({ ...before, newestId: id, newestAt: createdAt, kept }, Math.max(0, kept.length - mostKept))
  return { ...world, notifications: HashMap.set(world.notifications, accountId, row) }
}

/** For repositories: tells of a change of the address book, where such are kept. */
export const withAddressBookChange = (
  world: World,
  accountId: AccountId,
  notification: Notification,
  now: DateTime.Utc
): World =>
  Option.exists(HashMap.get(world.notifications, accountId), ({ addressBookSince }) => addressBookSince !== null)
    ? withNotification(world, accountId, notification, now)
    : world

export const NotificationLogMemory = Layer.effect(
  NotificationLog,
  Effect.gen(function* () {
    const world = yield* MemoryWorld

    /** Those that are asked for, where none of them is gone. */
    const listed = (
      accountId: AccountId,
      limit: number,
      isWhole: (row: NotificationsRow) => boolean,
      isAsked: (entry: KeptNotification) => boolean
    ) =>
      Effect.flatMap(
        world.read(({ notifications }, now) => {
          const row = Option.getOrElse(HashMap.get(notifications, accountId), () => nothing(now))
          return isWhole(row) ? Result.succeed(row.kept.filter(isAsked).slice(0, limit)) : Result.fail(new LogTooOld())
        }),
        Effect.fromResult
      )

    return NotificationLog.of({
      append: (entries) =>
        world.change((before, now) =>
          Result.succeed([
            undefined,
            entries.reduce((after, { notification, to }) => withNotification(after, to, notification, now), before)
          ])
        ),

      keepAddressBook: (accountId) =>
        world.change((before, now) => {
          if (!HashMap.has(before.accounts, accountId)) return Result.succeed([{ since: now, begun: false }, before])
          const row = Option.getOrElse(HashMap.get(before.notifications, accountId), () => nothing(now))
          const since = row.addressBookSince ?? now
          const notifications = HashMap.set(before.notifications, accountId, { ...row, addressBookSince: since })
          return Result.succeed([
            { since, begun: row.addressBookSince === null },
            { ...before, notifications }
          ])
        }),

      listAfter: (accountId, after, limit) =>
        listed(
          accountId,
          limit,
          ({ kept, newestId }) => after <= newestId && after >= newestId - kept.length,
          ({ id }) => id > after
        ),

      listSince: (accountId, since, limit) =>
        listed(
          accountId,
          limit,
          ({ forgottenAt }) => forgottenAt === null || DateTime.isGreaterThan(since, forgottenAt),
          ({ createdAt }) => DateTime.isGreaterThanOrEqualTo(createdAt, since)
        ),

      newest: (accounts) =>
        world.read(
          ({ notifications }) =>
            new Map(
              accounts.flatMap((id) =>
                Option.match(HashMap.get(notifications, id), {
                  onNone: () => [],
                  onSome: ({ newestId }) => (newestId === 0 ? [] : [[id, NotificationId.make(newestId)] as const])
                })
              )
            )
        ),

      deleteBefore: (before) =>
        world.change((now) => {
          const isStale = ({ createdAt }: KeptNotification) => DateTime.isLessThan(createdAt, before)
          const notifications = HashMap.map(now.notifications, (row) =>
            forgetting(row, row.kept.filter(isStale).length)
          )
          return Result.succeed([undefined, { ...now, notifications }])
        })
    })
  })
)
