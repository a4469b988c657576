import type { SqlClient } from "effect/sql"
import type { Change } from "../../domain/notifications/Notification.ts"
import { mostKept } from "../../domain/notifications/NotificationLog.ts"

const notifications = {
  contact: `'_tag', 'ContactChanged', 'contactId', changed.id`,
  note: `'_tag', 'NoteChanged', 'contactId', changed.contact_id, 'noteId', changed.id`
}

/**
 * CTEs that tell of the one row that the CTE `contact` or `note` before them holds, where changes of the account's address
 * book are kept at all. Part of the statement that makes the change, it costs no round trip. The counter is locked until
 * the transaction ends, and so has to come after everything else that is locked.
 */
export const tellAddressBook = (sql: SqlClient.SqlClient, changed: "contact" | "note", change: Change) => {
  const now = sql.literal("date_trunc('milliseconds', clock_timestamp())")
  return sql`counter AS (
      UPDATE notification_counters AS counters SET
        newest_id = counters.newest_id + 1,
        newest_at = greatest(counters.newest_at, ${now}),
        oldest_id = greatest(counters.oldest_id, counters.newest_id + 2 - ${mostKept}::int),
        forgotten_at = CASE WHEN counters.newest_id + 1 - counters.oldest_id < ${mostKept}::int THEN counters.forgotten_at
          ELSE COALESCE(
            (SELECT created_at FROM notifications WHERE notifications.account_id = counters.account_id
              AND notifications.id = counters.newest_id + 1 - ${mostKept}::int),
            counters.newest_at) END
      FROM ${sql(changed)} AS changed
      WHERE counters.account_id = changed.account_id AND counters.address_book_since IS NOT NULL
      RETURNING counters.account_id, counters.newest_id, counters.newest_at, counters.oldest_id,
        jsonb_build_object(${sql.literal(notifications[changed])}, 'change', ${change}::text) AS notification
    ), told AS (
      INSERT INTO notifications (account_id, id, notification, created_at)
      SELECT account_id, newest_id, notification, newest_at FROM counter
    ), forgotten AS (
      DELETE FROM notifications USING counter
      WHERE notifications.account_id = counter.account_id AND notifications.id < counter.oldest_id
    )`
}
