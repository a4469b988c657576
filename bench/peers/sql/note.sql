WITH contact AS (
  SELECT id, account_id FROM contacts WHERE id = $1 AND account_id = $2 FOR KEY SHARE
), note AS (
  INSERT INTO notes (contact_id, account_id, body, created_at, updated_at, event_id, processing_status)
  SELECT id, account_id, $3::text, date_trunc('milliseconds', now()), date_trunc('milliseconds', now()),
    gen_random_uuid(), 'off'
  FROM contact
  RETURNING *
), event AS (
  INSERT INTO outbox (event_id, destination, type, subject, data, occurred_at, available_at)
  SELECT event_id, 'broker', 'rookery.notes.created', 'contacts/' || contact_id || '/notes/' || id,
    jsonb_build_object('id', id, 'contact_id', contact_id, 'user_id', account_id, 'body', body,
      'created_at', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'updated_at', to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
    date_trunc('milliseconds', now()), date_trunc('milliseconds', now())
  FROM note
), counter AS (
  -- Only of accounts that somebody has connected for: the log of notifications.
  UPDATE notification_counters AS counters SET
    newest_id = counters.newest_id + 1,
    newest_at = greatest(counters.newest_at, date_trunc('milliseconds', clock_timestamp())),
    oldest_id = greatest(counters.oldest_id, counters.newest_id + 2 - 1000),
    forgotten_at = CASE WHEN counters.newest_id + 1 - counters.oldest_id < 1000 THEN counters.forgotten_at
      ELSE COALESCE(
        (SELECT created_at FROM notifications WHERE notifications.account_id = counters.account_id
          AND notifications.id = counters.newest_id + 1 - 1000),
        counters.newest_at) END
  FROM note
  WHERE counters.account_id = note.account_id AND counters.address_book_since IS NOT NULL
  RETURNING counters.account_id, counters.newest_id, counters.newest_at, counters.oldest_id,
    jsonb_build_object('_tag', 'NoteChanged', 'contactId', note.contact_id, 'noteId', note.id, 'change', 'created')
      AS notification
), told AS (
  INSERT INTO notifications (account_id, id, notification, created_at)
  SELECT account_id, newest_id, notification, newest_at FROM counter
), forgotten AS (
  DELETE FROM notifications USING counter
  WHERE notifications.account_id = counter.account_id AND notifications.id < counter.oldest_id
)
SELECT note.id, note.contact_id, note.body, note.created_at, note.updated_at, note.processing_status,
  note.processing_attempts, note.processing_error, note.processed_at, counter.newest_id, counter.newest_at
FROM note LEFT JOIN counter ON true
