WITH found AS MATERIALIZED (
  SELECT id FROM contacts
  WHERE account_id = $1 AND octet_length(search_text) <= 2000 AND strpos(search_text, $4) > 0
  UNION ALL
  SELECT id FROM contacts
  WHERE account_id = $1 AND octet_length(search_text) > 2000 AND strpos(search_text, $4) > 0
)
SELECT id, first_name, last_name, email, phone, company, title, birthday, notes, created_at, updated_at, total
FROM (SELECT count(*) AS total FROM found) AS whole
  LEFT JOIN (SELECT id AS found_id FROM found ORDER BY id LIMIT $2 OFFSET $3) AS page ON true
  LEFT JOIN contacts ON contacts.id = found_id
ORDER BY id
