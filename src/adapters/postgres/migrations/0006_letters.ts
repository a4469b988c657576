import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Mails and SMS of one account are looked for when it is deleted. */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE INDEX outbox_letters ON outbox (id) WHERE destination IN ('mail', 'sms')`
})
