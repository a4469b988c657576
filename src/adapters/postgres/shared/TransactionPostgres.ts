import { Effect, Layer } from "effect"
import { SqlClient, SqlError } from "effect/sql"
import { Transaction } from "../../../domain/shared/Transaction.ts"

/** A transaction inside another is a savepoint: what fails in it is undone alone, where the outer one goes on. */
export const TransactionPostgres = Layer.effect(
  Transaction,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return Transaction.make((effect) =>
      sql.withTransaction(effect).pipe(Effect.catchIf(SqlError.isSqlError, Effect.die))
    )
  })
)
