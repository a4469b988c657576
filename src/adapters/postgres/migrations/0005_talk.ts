import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Phone numbers, friends, messages, media and notifications. */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE accounts ADD phone_number text`
  // Partial, since no foreign key can refer to it then: a change of the number locks out no friend's row that refers to
  // the account, and two who change theirs while they become friends do not wait for each other.
  yield* sql`CREATE UNIQUE INDEX accounts_phone_number ON accounts (phone_number) WHERE phone_number IS NOT NULL`
  yield* sql`COMMENT ON COLUMN accounts.phone_number IS 'digits only; somebody has received an SMS there'`

  // A number that somebody only tried codes of has a row too: its wrong tries count before a code was ever sent.
  yield* sql`CREATE TABLE passcodes (
    phone_number text PRIMARY KEY,
    request_id uuid,
    purpose text,
    owed_until timestamptz(3),
    hash bytea,
    expires_at timestamptz(3),
    wrong_tries timestamptz(3)[] NOT NULL DEFAULT '{}',
    used_at timestamptz(3) NOT NULL
  )`
  yield* sql`COMMENT ON COLUMN passcodes.used_at IS 'when something last happened to the number'`
  yield* sql`CREATE INDEX passcodes_used_at ON passcodes (used_at)`

  // Two rows for each pair, one for each side.
  yield* sql`CREATE TABLE friendships (
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    peer_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    stance text NOT NULL,
    display_name text,
    unread_messages integer NOT NULL DEFAULT 0,
    last_touch_at timestamptz(3) NOT NULL,
    PRIMARY KEY (account_id, peer_id),
    CHECK (account_id <> peer_id)
  )`
  yield* sql`CREATE INDEX friendships_peer_id ON friendships (peer_id)`
  yield* sql`CREATE TABLE invitations (
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    phone_number text NOT NULL,
    display_name text,
    created_at timestamptz(3) NOT NULL,
    PRIMARY KEY (account_id, phone_number)
  )`
  yield* sql`CREATE INDEX invitations_phone_number ON invitations (phone_number)`
  // Also of numbers whose invitations were taken back.
  yield* sql`CREATE TABLE invitation_sms (phone_number text PRIMARY KEY, claimed_at timestamptz(3) NOT NULL)`
  yield* sql`CREATE INDEX invitation_sms_claimed_at ON invitation_sms (claimed_at)`

  yield* sql`CREATE TABLE media (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    kind text NOT NULL,
    content_type text NOT NULL,
    blob_key text NOT NULL,
    size bigint NOT NULL,
    duration_ms bigint,
    sent boolean NOT NULL DEFAULT false,
    created_at timestamptz(3) NOT NULL
  )`
  yield* sql`CREATE INDEX media_account_id ON media (account_id)`
  yield* sql`CREATE INDEX media_unsent ON media (created_at) WHERE NOT sent`

  // One conversation has the ids of both, the lower one first, so that it is one range of one index. No other index is in
  // the order of the ids: the last messages of two people would be looked for among all that everybody wrote since.
  yield* sql`CREATE TABLE messages (
    id bigint GENERATED ALWAYS AS IDENTITY,
    low_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    high_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    sender_id bigint NOT NULL,
    receiver_id bigint NOT NULL GENERATED ALWAYS AS (low_id + high_id - sender_id) STORED,
    kind text NOT NULL,
    body text,
    media_id bigint REFERENCES media,
    media_type text,
    status text NOT NULL,
    client_message_id text,
    created_at timestamptz(3) NOT NULL,
    PRIMARY KEY (low_id, high_id, id),
    CHECK (low_id < high_id AND sender_id IN (low_id, high_id)),
    CHECK ((kind = 'text') = (media_id IS NULL))
  )`
  yield* sql`CREATE INDEX messages_id ON messages USING hash (id)`
  yield* sql`CREATE INDEX messages_high_id ON messages (high_id)`
  yield* sql`CREATE INDEX messages_media_id ON messages (media_id) WHERE media_id IS NOT NULL`
  yield* sql`CREATE UNIQUE INDEX messages_client_message_id ON messages (sender_id, client_message_id)
    WHERE client_message_id IS NOT NULL`
  // What is not seen or delivered yet is little, and looked for often.
  yield* sql`CREATE INDEX messages_unseen ON messages (receiver_id, sender_id, kind) WHERE status <> 'seen'`
  yield* sql`CREATE INDEX messages_undelivered ON messages (receiver_id, sender_id) WHERE status = 'created'`

  // Gives the ids, one account's in the order of its commits: the row is locked until then.
  yield* sql`CREATE TABLE notification_counters (
    account_id bigint PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    newest_id bigint NOT NULL,
    newest_at timestamptz(3) NOT NULL,
    oldest_id bigint NOT NULL,
    forgotten_at timestamptz(3),
    address_book_since timestamptz(3)
  )`
  yield* sql`COMMENT ON COLUMN notification_counters.forgotten_at IS 'when the newest of those was made that are gone'`
  yield* sql`COMMENT ON COLUMN notification_counters.address_book_since
    IS 'since when changes of contacts and notes are kept; null while nobody has asked to be told of them'`
  // Of the counters and not of the accounts, so that whoever deletes an account locks the counter first, too.
  yield* sql`CREATE TABLE notifications (
    account_id bigint NOT NULL REFERENCES notification_counters ON DELETE CASCADE,
    id bigint NOT NULL,
    notification jsonb NOT NULL,
    created_at timestamptz(3) NOT NULL,
    PRIMARY KEY (account_id, id)
  )`
  yield* sql`CREATE INDEX notifications_created_at ON notifications (created_at)`
})
