SELECT id, first_name, last_name, email, phone, company, title, birthday, notes, created_at, updated_at, total
FROM (SELECT count(*) AS total FROM contacts WHERE account_id = $1) AS whole
  LEFT JOIN LATERAL (
    SELECT * FROM contacts WHERE account_id = $1 ORDER BY id LIMIT $2 OFFSET $3
  ) AS page ON true
ORDER BY id
