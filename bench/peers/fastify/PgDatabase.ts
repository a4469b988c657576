import { Pool, types } from "pg"
import type { Database } from "../node/Database.ts"
import { statement, type StatementName } from "../Statements.ts"

// Ids fit a number, and a birthday is a day and no moment in some zone.
types.setTypeParser(types.builtins.INT8, Number)
types.setTypeParser(types.builtins.DATE, (text) => text)

/** Each connection parses and plans a statement once, by its name. */
export const makePgDatabase = (url: string): Database => {
  const pool = new Pool({ connectionString: url, max: 10, keepAlive: true })
  // A connection that breaks while it is idle is replaced by the pool.
  pool.on("error", (error) => console.error(error))
  return {
    prepared: <Row extends object>(name: StatementName) => {
      const text = statement(name)
      return async (...values) => (await pool.query<Row>({ name, text, values })).rows
    },
    close: () => pool.end()
  }
}
