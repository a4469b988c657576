import type { SqlClient, Statement } from "effect/sql"

type Sql = Statement.Fragment

/** What two are locked by, the lower id first. */
export const pairKey = (sql: SqlClient.SqlClient, low: Sql, high: Sql) =>
  sql`hashtextextended('friends/' || ${low} || '/' || ${high}, 0)`

/**
 * CTEs that lock the pair in the one row, or none, that the CTE `pair` before them has: its `low_id` and `high_id`. Then
 * `locked` has that row, or none where one of the two is gone.
 *
 * The order is everybody's: the accounts by id, as whoever deletes one has it, and then the pair. Each CTE needs what the
 * one before has locked, and is materialized: the planner is free to choose any other order. Each account is looked up by
 * itself, since what locks can't be joined in any other way: one join of all would read the table whole where it has
 * no statistics yet.
 */
export const lockedPair = (sql: SqlClient.SqlClient) => sql`account AS MATERIALIZED (
      SELECT present.id
      FROM pair CROSS JOIN LATERAL (VALUES (low_id), (high_id)) AS side (id)
        CROSS JOIN LATERAL (SELECT id FROM accounts WHERE accounts.id = side.id FOR KEY SHARE) AS present
    ), locked AS MATERIALIZED (
      SELECT pair.*, pg_advisory_xact_lock(${pairKey(sql, sql`low_id`, sql`high_id`)})
      FROM pair WHERE (SELECT count(*) FROM account) = 2
    )`
