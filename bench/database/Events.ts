import { Effect } from "effect"
import type { SqlClient } from "effect/sql"

/** How long a relay may take to catch up. */
const patience = "20 seconds"

/** Until the relay of Rookery has handled all events that are there, or 20 seconds. */
export const settled = (sql: SqlClient.SqlClient): Effect.Effect<void> => {
  const waiting = sql<{ found: boolean }>`SELECT EXISTS (SELECT FROM outbox WHERE died_at IS NULL) AS found`
  return waiting.pipe(
    Effect.map(([row]) => row?.found === true),
    Effect.flatMap((found) => (found ? Effect.as(Effect.sleep("20 millis"), true) : Effect.succeed(false))),
    Effect.repeat({ while: (found) => found }),
    Effect.timeoutOption(patience),
    Effect.asVoid,
    Effect.orDie
  )
}

/** Peers write events and leave them to another program; that is not to become Rookery's work. */
export const cleanEvents = (sql: SqlClient.SqlClient): Effect.Effect<void> =>
  Effect.asVoid(Effect.orDie(Effect.andThen(sql`DELETE FROM outbox`, sql`VACUUM outbox`)))
