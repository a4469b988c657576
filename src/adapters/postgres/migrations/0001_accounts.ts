import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** The `_key` columns hold the spelling that uniqueness goes by, folded by the domain and not by a collation. */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE accounts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username text,
    username_key text UNIQUE,
    email text,
    email_key text UNIQUE,
    email_claimed_at timestamptz(3),
    email_verified_at timestamptz(3),
    password_hash text,
    first_name text,
    last_name text,
    created_at timestamptz(3) NOT NULL
  )`
  yield* sql`CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    dialect text NOT NULL,
    refresh_token_hash bytea,
    created_at timestamptz(3) NOT NULL,
    expires_at timestamptz(3) NOT NULL,
    ended_at timestamptz(3)
  )`
  yield* sql`CREATE INDEX sessions_account_id ON sessions (account_id)`
  yield* sql`CREATE INDEX sessions_ended_at ON sessions (ended_at) WHERE ended_at IS NOT NULL`
  yield* sql`CREATE INDEX sessions_expires_at ON sessions (expires_at)`
  yield* sql`CREATE TABLE secrets (name text PRIMARY KEY, value text NOT NULL, created_at timestamptz(3) NOT NULL DEFAULT now())`
})
