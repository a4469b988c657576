import { Schema } from "effect"
import { type SqlClient, SqlSchema, type Statement } from "effect/sql"
import { AccountId } from "../../../domain/accounts/Account.ts"
import { Notification, NotificationId } from "../../../domain/notifications/Notification.ts"
import { mostKept } from "../../../domain/notifications/NotificationLog.ts"
import { int8Array } from "../Int8.ts"

const Entries = Schema.Array(Schema.Struct({ to: AccountId, notification: Schema.fromJsonString(Notification) }))

const Counters = {
  newestId: Schema.Int,
  oldestId: Schema.Int,
  // timestamptz arrives from the driver as a Date.
  forgottenAt: Schema.NullOr(Schema.DateTimeUtcFromDate)
}
const EntryRow = Schema.Struct({
  ...Counters,
  id: NotificationId,
  notification: Notification,
  createdAt: Schema.DateTimeUtcFromDate
})
/** The one row where there is a counter and no entry that is asked for. */
const EmptyRow = Schema.Struct({ ...Counters, id: Schema.Null })
export type ListedRow = typeof EntryRow.Type | typeof EmptyRow.Type

export const notificationStatements = (sql: SqlClient.SqlClient) => {
  // When a time is taken, the counter is locked: so an account's times grow with its ids, in the order of the commits.
  const now = sql.literal("date_trunc('milliseconds', clock_timestamp())")

  // Accounts and counters are each locked in the order of the accounts' ids, so that two who tell the same people do not
  // wait for each other. The row that is looked up last is the newest of those that go. Each account is looked up by
  // itself, and what goes is found before it is deleted: joined with all that is told, either table could be read whole
  // where it has no statistics yet.
  const insertEntries = SqlSchema.void({
    Request: Entries,
    execute: (entries) => sql`
      WITH entry AS (
        SELECT account_id, notification::jsonb, row_number() OVER (PARTITION BY account_id ORDER BY place) AS place,
          count(*) OVER (PARTITION BY account_id) AS total
        FROM unnest(
          ${int8Array(entries.map(({ to }) => to))}, ${entries.map(({ notification }) => notification)}::text[]
        ) WITH ORDINALITY AS entry (account_id, notification, place)
      ), present AS MATERIALIZED (
        SELECT present.id
        FROM (SELECT account_id FROM entry WHERE place = 1 ORDER BY account_id) AS told
          CROSS JOIN LATERAL (SELECT id FROM accounts WHERE accounts.id = told.account_id FOR KEY SHARE) AS present
      ), counter AS (
        INSERT INTO notification_counters AS counters (account_id, newest_id, newest_at, oldest_id, forgotten_at)
        SELECT present.id, total, ${now}, greatest(1, total - ${mostKept} + 1), CASE WHEN total > ${mostKept} THEN ${now} END
        FROM present JOIN entry ON entry.account_id = present.id AND entry.place = 1 ORDER BY present.id
        ON CONFLICT (account_id) DO UPDATE SET
          newest_id = counters.newest_id + excluded.newest_id,
          newest_at = greatest(counters.newest_at, ${now}),
          oldest_id = greatest(counters.oldest_id, counters.newest_id + excluded.newest_id - ${mostKept} + 1),
          forgotten_at = CASE WHEN counters.newest_id + excluded.newest_id - counters.oldest_id < ${mostKept}
            THEN counters.forgotten_at
            ELSE COALESCE(
              (SELECT created_at FROM notifications WHERE notifications.account_id = counters.account_id
                AND id = counters.newest_id + excluded.newest_id - ${mostKept}),
              counters.newest_at) END
        RETURNING account_id, newest_id, newest_at, oldest_id
      ), added AS (
        INSERT INTO notifications (account_id, id, notification, created_at)
        SELECT account_id, newest_id - total + place, notification, newest_at FROM entry JOIN counter USING (account_id)
      )
      DELETE FROM notifications WHERE ctid = ANY(ARRAY(
        SELECT stale.place
        FROM counter CROSS JOIN LATERAL (
          SELECT ctid AS place FROM notifications
          WHERE notifications.account_id = counter.account_id AND notifications.id < counter.oldest_id
          OFFSET 0
        ) AS stale
      ))`
  })

  // The counter's row is locked only where it has to be written.
  const beginAddressBook = SqlSchema.findOneOption({
    Request: AccountId,
    Result: Schema.Struct({ since: Schema.DateTimeUtcFromDate, begun: Schema.Boolean }),
    execute: (account) => sql`
      WITH kept AS (
        SELECT address_book_since FROM notification_counters
        WHERE account_id = ${account} AND address_book_since IS NOT NULL
      ), begun AS (
        INSERT INTO notification_counters AS counters (account_id, newest_id, newest_at, oldest_id, address_book_since)
        SELECT id, 0, ${now}, 1, ${now} FROM accounts WHERE id = ${account} AND NOT EXISTS (SELECT FROM kept)
        ON CONFLICT (account_id) DO UPDATE
          SET address_book_since = COALESCE(counters.address_book_since, excluded.address_book_since)
        RETURNING address_book_since
      )
      SELECT address_book_since AS since, false AS begun FROM kept
      UNION ALL SELECT address_book_since, true FROM begun`
  })

  const selectRows = (account: number, asked: Statement.Fragment, limit: number) => sql`
    SELECT newest_id, oldest_id, forgotten_at, id, notification, created_at
    FROM notification_counters AS counters LEFT JOIN LATERAL (
      SELECT id, notification, created_at FROM notifications
      WHERE account_id = counters.account_id AND id >= counters.oldest_id AND ${asked} ORDER BY id LIMIT ${limit}
    ) AS entry ON true
    WHERE account_id = ${account} ORDER BY id`

  const selectAfter = SqlSchema.findAll({
    Request: Schema.Struct({ account: AccountId, after: Schema.Int, limit: Schema.Int }),
    Result: Schema.Union([EntryRow, EmptyRow]),
    execute: ({ account, after, limit }) => selectRows(account, sql`id > ${after}`, limit)
  })

  const selectSince = SqlSchema.findAll({
    Request: Schema.Struct({ account: AccountId, since: Schema.DateTimeUtcFromDate, limit: Schema.Int }),
    Result: Schema.Union([EntryRow, EmptyRow]),
    execute: ({ account, limit, since }) => selectRows(account, sql`created_at >= ${since}`, limit)
  })

  const selectNewest = SqlSchema.findAll({
    Request: Schema.Array(AccountId),
    Result: Schema.Struct({ accountId: AccountId, newestId: NotificationId }),
    execute: (accounts) => sql`SELECT account_id, newest_id FROM notification_counters
      WHERE account_id = ANY(${int8Array(accounts)}) AND newest_id > 0`
  })

  // The counter before its entries, as whoever adds one has it.
  const deleteRows = SqlSchema.void({
    Request: Schema.DateTimeUtcFromDate,
    execute: (before) => sql`
      WITH stale AS (
        SELECT account_id, max(id) AS id, max(created_at) AS created_at
        FROM notifications WHERE created_at < ${before} GROUP BY account_id
      ), locked AS (
        SELECT account_id FROM notification_counters WHERE account_id IN (SELECT account_id FROM stale)
        ORDER BY account_id FOR NO KEY UPDATE
      ), counter AS (
        UPDATE notification_counters AS counters SET
          oldest_id = greatest(counters.oldest_id, stale.id + 1),
          forgotten_at = greatest(counters.forgotten_at, stale.created_at)
        FROM stale JOIN locked USING (account_id)
        WHERE counters.account_id = stale.account_id RETURNING counters.account_id, counters.oldest_id
      )
      DELETE FROM notifications USING counter
      WHERE notifications.account_id = counter.account_id AND id < counter.oldest_id`
  })

  return { insertEntries, beginAddressBook, selectAfter, selectSince, selectNewest, deleteRows }
}
