WITH delivered AS (
  UPDATE messages SET status = 'delivered' WHERE receiver_id = $1 AND sender_id = $2 AND status = 'created'
  RETURNING id
), news AS (
  SELECT count(*) FROM delivered HAVING count(*) > 0
), counter AS (
  INSERT INTO notification_counters AS counters (account_id, newest_id, newest_at, oldest_id)
  SELECT $2, 1, date_trunc('milliseconds', clock_timestamp()), 1 FROM news
  ON CONFLICT (account_id) DO UPDATE SET
    newest_id = counters.newest_id + 1,
    newest_at = greatest(counters.newest_at, date_trunc('milliseconds', clock_timestamp())),
    oldest_id = greatest(counters.oldest_id, counters.newest_id + 2 - 1000),
    forgotten_at = CASE WHEN counters.newest_id + 1 - counters.oldest_id < 1000 THEN counters.forgotten_at
      ELSE COALESCE(
        (SELECT created_at FROM notifications WHERE notifications.account_id = counters.account_id
          AND notifications.id = counters.newest_id + 1 - 1000),
        counters.newest_at) END
  RETURNING account_id, newest_id, newest_at, oldest_id
), told AS (
  INSERT INTO notifications (account_id, id, notification, created_at)
  SELECT account_id, newest_id, jsonb_build_object('_tag', 'MessagesUpdated', 'with', $1::bigint), newest_at
  FROM counter
), forgotten AS (
  DELETE FROM notifications USING counter
  WHERE notifications.account_id = counter.account_id AND notifications.id < counter.oldest_id
)
SELECT newest_id, newest_at FROM counter
