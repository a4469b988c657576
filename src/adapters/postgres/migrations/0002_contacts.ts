import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE contacts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    first_name text NOT NULL,
    last_name text,
    email text,
    phone text,
    company text,
    title text,
    birthday date,
    notes text,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now()
  )`
  yield* sql`CREATE INDEX contacts_account_id_id ON contacts (account_id, id)`
  yield* sql`CREATE TABLE notes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contact_id bigint NOT NULL REFERENCES contacts ON DELETE CASCADE,
    account_id bigint NOT NULL,
    body text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    event_id uuid NOT NULL,
    processing_status text NOT NULL,
    processing_attempts integer NOT NULL DEFAULT 0,
    processing_error text,
    processed_at timestamptz(3)
  )`
  yield* sql`COMMENT ON COLUMN notes.event_id IS 'the latest event of the note, whose delivery the processing columns follow'`
  yield* sql`CREATE INDEX notes_contact_id_id ON notes (contact_id, id)`
})
