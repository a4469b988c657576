import { readFileSync } from "node:fs"
import { join } from "node:path"

/** What a peer asks its database, by its name. */
export type StatementName =
  | "contact"
  | "contacts"
  | "search"
  | "note"
  | "account-by-username"
  | "account-by-email"
  | "session"
  | "message"
  | "delivered"
  | "talk-connected"
  | "address-book-connected"

/**
 * The SQL that all peers send, with `$1`, `$2`, ... for its parameters: Rookery's own, so that what is compared is the
 * program in front of the database and not who wrote the better query.
 */
export const statement = (name: StatementName): string =>
  readFileSync(join(import.meta.dirname, "sql", `${name}.sql`), "utf8").trim()
