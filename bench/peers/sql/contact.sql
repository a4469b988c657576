SELECT id, first_name, last_name, email, phone, company, title, birthday, notes, created_at, updated_at
FROM contacts WHERE id = $1 AND account_id = $2
