WITH sides AS (
  SELECT own.phone_number AS sender, other.id AS receiver_id, other.phone_number AS receiver
  FROM accounts AS own LEFT JOIN accounts AS other ON other.phone_number = $2
  WHERE own.id = $1
), pair AS (
  -- Both in one order, and what they are like once they are locked.
  SELECT stance
  FROM sides CROSS JOIN LATERAL (VALUES ($1::bigint, receiver_id), (receiver_id, $1::bigint)) AS side (one, other)
    JOIN friendships ON account_id = one AND peer_id = other
  ORDER BY account_id FOR NO KEY UPDATE OF friendships
), stances AS (
  SELECT count(*) AS known, count(*) FILTER (WHERE stance = 'asked') AS asked FROM pair
), message AS (
  INSERT INTO messages (low_id, high_id, sender_id, kind, body, status, created_at)
  SELECT least($1, receiver_id), greatest($1, receiver_id), $1, 'text', $3::text, 'created',
    date_trunc('milliseconds', now())
  FROM sides CROSS JOIN stances WHERE asked = 2 AND sides.sender IS NOT NULL
  RETURNING id, low_id, high_id, receiver_id, status, created_at
), touched AS (
  UPDATE friendships SET last_touch_at = greatest(last_touch_at, message.created_at),
    unread_messages = unread_messages + (account_id = message.receiver_id)::integer
  FROM message
  WHERE account_id IN (low_id, high_id) AND peer_id IN (low_id, high_id)
), counter AS (
  INSERT INTO notification_counters AS counters (account_id, newest_id, newest_at, oldest_id)
  SELECT receiver_id, 1, date_trunc('milliseconds', clock_timestamp()), 1 FROM message
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
SELECT sides.sender, sides.receiver_id, sides.receiver, stances.known, message.id, message.status, message.created_at,
  counter.newest_id, counter.newest_at
FROM sides CROSS JOIN stances LEFT JOIN message ON true LEFT JOIN counter ON true
