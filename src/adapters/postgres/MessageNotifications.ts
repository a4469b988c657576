import type { SqlClient } from "effect/sql"
import { mostKept } from "../../domain/notifications/NotificationLog.ts"

/**
 * CTEs that tell the account `to_id` of messages with the account `with_id`, as the one row, or none, of the CTE `news`
 * before them has it. The counter is locked until the transaction ends, and so has to come after everything else that is
 * locked. It is one row: what goes by it is looked up by its values, and not joined, which could read a table whole.
 */
export const tellMessages = (sql: SqlClient.SqlClient) => {
  const now = sql.literal("date_trunc('milliseconds', clock_timestamp())")
  const kept = sql.literal(`${mostKept}`)
  return sql`counter AS (
      INSERT INTO notification_counters AS counters (account_id, newest_id, newest_at, oldest_id)
      SELECT to_id, 1, ${now}, 1 FROM news
      ON CONFLICT (account_id) DO UPDATE SET
        newest_id = counters.newest_id + 1,
        newest_at = greatest(counters.newest_at, ${now}),
        oldest_id = greatest(counters.oldest_id, counters.newest_id + 2 - ${kept}),
        forgotten_at = CASE WHEN counters.newest_id + 1 - counters.oldest_id < ${kept} THEN counters.forgotten_at
          ELSE COALESCE(
            (SELECT created_at FROM notifications WHERE notifications.account_id = counters.account_id
              AND notifications.id = counters.newest_id + 1 - ${kept}),
            counters.newest_at) END
      RETURNING account_id, newest_id, newest_at, oldest_id
    ), told AS (
      INSERT INTO notifications (account_id, id, notification, created_at)
      SELECT account_id, newest_id, jsonb_build_object('_tag', 'MessagesUpdated', 'with', with_id), newest_at
      FROM counter CROSS JOIN news
    ), forgotten AS (
      DELETE FROM notifications
      WHERE account_id = (SELECT account_id FROM counter) AND id < (SELECT oldest_id FROM counter)
    )`
}
