import { DateTime, Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import type { AccountId } from "../../../domain/accounts/Account.ts"
import { KeptNotification, type NotificationId } from "../../../domain/notifications/Notification.ts"
import { LogTooOld, type NewNotification, NotificationLog } from "../../../domain/notifications/NotificationLog.ts"
import { type ListedRow, notificationStatements } from "./NotificationStatements.ts"

const entriesOf = (accountId: AccountId, rows: ReadonlyArray<ListedRow>): ReadonlyArray<KeptNotification> =>
  rows.flatMap((row) =>
    row.id === null
      ? []
      : [new KeptNotification({ id: row.id, accountId, notification: row.notification, createdAt: row.createdAt })]
  )

export const NotificationLogPostgres = Layer.effect(
  NotificationLog,
  Effect.gen(function* () {
    const statements = notificationStatements(yield* SqlClient.SqlClient)

    const append = Effect.fn("NotificationLog.append")((entries: ReadonlyArray<NewNotification>) =>
      entries.length === 0 ? Effect.void : Effect.orDie(statements.insertEntries(entries))
    )

    const keepAddressBook = Effect.fn("NotificationLog.keepAddressBook")(function* (account: AccountId) {
      const row = yield* Effect.orDie(statements.beginAddressBook(account))
      // An account that is gone has nothing to keep.
      return Option.isSome(row) ? row.value : { since: yield* DateTime.now, begun: false }
    })

    const listAfter = Effect.fn("NotificationLog.listAfter")(function* (
      account: AccountId,
      after: NotificationId | 0,
      limit: number
    ) {
      const rows = yield* Effect.orDie(statements.selectAfter({ account, after, limit }))
      const { newestId, oldestId } = rows[0] ?? { newestId: 0, oldestId: 1 }
      if (after > newestId || after < oldestId - 1) return yield* new LogTooOld()
      return entriesOf(account, rows)
    })

    const listSince = Effect.fn("NotificationLog.listSince")(function* (
      account: AccountId,
      since: DateTime.Utc,
      limit: number
    ) {
      const rows = yield* Effect.orDie(statements.selectSince({ account, since, limit }))
      const forgottenAt = rows[0]?.forgottenAt ?? null
      if (forgottenAt !== null && DateTime.isLessThanOrEqualTo(since, forgottenAt)) return yield* new LogTooOld()
      return entriesOf(account, rows)
    })

    const newest = Effect.fn("NotificationLog.newest")((accounts: ReadonlyArray<AccountId>) =>
      statements.selectNewest(accounts).pipe(
        Effect.map((rows) => new Map(rows.map(({ accountId, newestId }) => [accountId, newestId] as const))),
        Effect.orDie
      )
    )

    const deleteBefore = Effect.fn("NotificationLog.deleteBefore")((before: DateTime.Utc) =>
      Effect.orDie(statements.deleteRows(before))
    )

    return NotificationLog.of({ append, keepAddressBook, listAfter, listSince, newest, deleteBefore })
  })
)
