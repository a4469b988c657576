import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** The clips of one account that it has not sent are counted before each upload. */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE INDEX media_unsent_account_id ON media (account_id, created_at) WHERE NOT sent`
})
