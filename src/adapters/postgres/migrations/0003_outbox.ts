import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** One row for each event and destination; a row goes when its event has arrived. A lease is an `available_at` to come. */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    destination text NOT NULL,
    type text NOT NULL,
    subject text NOT NULL,
    data jsonb NOT NULL,
    occurred_at timestamptz(3) NOT NULL DEFAULT now(),
    available_at timestamptz(3) NOT NULL DEFAULT now(),
    holder text,
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    died_at timestamptz(3)
  )`
  yield* sql`CREATE INDEX outbox_due ON outbox (destination, available_at, id) WHERE died_at IS NULL`
  yield* sql`CREATE INDEX outbox_order ON outbox (destination, subject, id) WHERE died_at IS NULL`
  // What was tried before is claimed apart from what is new, which may be much more.
  yield* sql`CREATE INDEX outbox_retry ON outbox (destination, available_at, id) WHERE died_at IS NULL AND attempts > 0`
  yield* sql`CREATE INDEX outbox_dead ON outbox (died_at, id) WHERE died_at IS NOT NULL`
})
