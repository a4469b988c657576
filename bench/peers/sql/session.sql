WITH account AS (
  SELECT id FROM accounts WHERE id = $1 AND password_hash = $2 FOR SHARE
)
INSERT INTO sessions (account_id, id, dialect, user_agent, created_at, last_used_at, expires_at, refresh_token_hash)
SELECT id, $3::uuid, 'v1', $4::text, now(), now(), now() + interval '30 days', $5::bytea FROM account
RETURNING id
