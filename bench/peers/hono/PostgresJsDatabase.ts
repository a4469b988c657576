import postgres from "postgres"
import type { Database } from "../node/Database.ts"
import { statement, type StatementName } from "../Statements.ts"

/**
 * `postgres` pipelines statements on each of its connections and prepares each once. They are the text that all peers
 * share, so they come in by `unsafe`, which is as fast as a template once it is told to prepare.
 */
export const makePostgresJsDatabase = (url: string): Database => {
  const sql = postgres(url, {
    max: 10,
    // Nothing here has a type of its own.
    fetch_types: false,
    types: {
      id: { to: 20, from: [20], serialize: String, parse: Number },
      // A birthday is a day and no moment in some zone.
      day: { to: 1082, from: [1082], serialize: String, parse: String }
    }
  })
  return {
    prepared: <Row extends object>(name: StatementName) => {
      const text = statement(name)
      return async (...values: Array<string | number | Uint8Array | null>) =>
        await sql.unsafe<Array<Row>>(text, values, { prepare: true })
    },
    close: () => sql.end({ timeout: 1 })
  }
}
