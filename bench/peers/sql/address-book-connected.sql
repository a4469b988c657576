WITH kept AS (
  SELECT newest_id FROM notification_counters WHERE account_id = $1 AND address_book_since IS NOT NULL
), begun AS (
  INSERT INTO notification_counters AS counters (account_id, newest_id, newest_at, oldest_id, address_book_since)
  SELECT id, 0, date_trunc('milliseconds', clock_timestamp()), 1, date_trunc('milliseconds', clock_timestamp())
  FROM accounts WHERE id = $1 AND NOT EXISTS (SELECT FROM kept)
  ON CONFLICT (account_id) DO UPDATE
    SET address_book_since = COALESCE(counters.address_book_since, excluded.address_book_since)
  RETURNING newest_id
)
SELECT newest_id FROM kept UNION ALL SELECT newest_id FROM begun
