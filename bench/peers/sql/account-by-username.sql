SELECT id, password_hash, email_verified_at FROM accounts WHERE password_hash IS NOT NULL AND username_key = $1
