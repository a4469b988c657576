import { Effect, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { searchText } from "../../../domain/shared/SearchText.ts"

/** Contacts whose search text is made at once. */
const batch = 1000

const ContactRow = Schema.Struct({
  id: Schema.Int,
  firstName: Schema.String,
  lastName: Schema.NullOr(Schema.String),
  email: Schema.NullOr(Schema.String)
})

/** Verified addresses, avatars, rotating sessions, search, birthdays and idempotency keys. */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE accounts ADD pending_email text, ADD pending_email_key text, ADD avatar_id text`
  yield* sql`CREATE INDEX accounts_pending_email_key ON accounts (pending_email_key) WHERE pending_email_key IS NOT NULL`
  // Nobody was sent a link that verifies an address before, so what was claimed then is not lost for the lack of it.
  yield* sql`UPDATE accounts SET email_claimed_at = 'infinity' WHERE email_key IS NOT NULL AND email_verified_at IS NULL`

  yield* sql`ALTER TABLE sessions
    ADD refresh_generation integer NOT NULL DEFAULT 0,
    ADD rotated_at timestamptz(3),
    ADD last_used_at timestamptz(3),
    ADD user_agent text`
  yield* sql`UPDATE sessions SET last_used_at = created_at`
  yield* sql`ALTER TABLE sessions ALTER last_used_at SET NOT NULL`

  yield* sql`ALTER TABLE contacts ADD search_text text`
  const next = SqlSchema.findAll({
    Request: Schema.Int,
    Result: ContactRow,
    execute: (after) =>
      sql`SELECT id, first_name, last_name, email FROM contacts WHERE id > ${after} ORDER BY id LIMIT ${batch}`
  })
  let rows = yield* next(0)
  while (rows.length > 0) {
    const texts = rows.map((row) => ({ id: row.id, text: searchText(row.firstName, row.lastName, row.email) }))
    yield* sql`UPDATE contacts SET search_text = made.text
      FROM jsonb_to_recordset(${JSON.stringify(texts)}::text::jsonb) AS made (id bigint, text text)
      WHERE contacts.id = made.id`
    rows = yield* next(rows.at(-1)?.id ?? 0)
  }
  yield* sql`ALTER TABLE contacts ALTER search_text SET NOT NULL`
  // A search reads the texts of one account from the index, not from wherever its rows lie. An entry of it has room for
  // some 2700 bytes, which names and address fill only where folding makes many letters of one.
  yield* sql`CREATE INDEX contacts_search ON contacts (account_id, id) INCLUDE (search_text)
    WHERE octet_length(search_text) <= 2000`
  yield* sql`CREATE INDEX contacts_search_long ON contacts (account_id, id) WHERE octet_length(search_text) > 2000`
  yield* sql`CREATE INDEX contacts_birthday ON contacts
    (account_id, ((extract(month FROM birthday) * 100 + extract(day FROM birthday))::integer)) WHERE birthday IS NOT NULL`

  // By which the dead letters of one note are found.
  yield* sql`CREATE INDEX outbox_dead_subject ON outbox (subject) WHERE died_at IS NOT NULL`

  yield* sql`CREATE TABLE idempotency_keys (
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    holder uuid,
    held_until timestamptz(3) NOT NULL,
    response jsonb,
    created_at timestamptz(3) NOT NULL,
    PRIMARY KEY (account_id, key)
  )`
  yield* sql`COMMENT ON COLUMN idempotency_keys.holder IS 'the request that is being answered; null once response is there'`
  yield* sql`CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at)`
})
