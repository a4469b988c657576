SELECT phone_number, COALESCE(newest_id, 0) AS newest_id
FROM accounts LEFT JOIN notification_counters ON account_id = accounts.id
WHERE accounts.id = $1
