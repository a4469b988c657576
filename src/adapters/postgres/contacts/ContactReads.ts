import { Effect, Exit } from "effect"
import { memoize } from "effect/Function"
import type { SqlClient, SqlError } from "effect/sql"
import type { AccountId } from "../../../domain/accounts/Account.ts"
import { type ContactId, ContactNotFound } from "../../../domain/contacts/Contact.ts"
import type { ContactMembers } from "../../../domain/contacts/ContactRepository.ts"
import { spanned } from "../../../domain/shared/Spanned.ts"
import { gathered, inTransaction } from "../Gathering.ts"
import { fixedStatement } from "../FixedStatement.ts"
import { int8Array } from "../Int8.ts"
import { jsonMembers } from "./ContactRows.ts"

/** How many contacts one statement reads at most: with more, this process and the server wait for each other in turns. */
const mostTogether = 16

interface ReadContact {
  readonly owner: AccountId
  readonly id: ContactId
}

/**
 * Reads one contact, as JSON. Those that are asked for in one turn of the event loop are read by one statement: what a
 * statement costs both sides is mostly its own, and not its rows'.
 */
export const contactReads = (sql: SqlClient.SqlClient) => {
  // Whatever the planner thinks of the table's size, it can only look up one after the other by its id.
  const statement = (members: ContactMembers) =>
    fixedStatement<{ readonly n: number; readonly json: string }, "owners" | "ids">(
      sql,
      ["owners", "ids"],
      ({ ids, owners }) => sql`
        SELECT n, json FROM unnest(${owners}::bigint[], ${ids}::bigint[]) WITH ORDINALITY AS wanted (owner, wanted_id, n),
          LATERAL (
            SELECT row_to_json(shown)::text AS json FROM (
              SELECT ${sql.literal(jsonMembers(members))} FROM contacts WHERE id = wanted_id AND account_id = owner OFFSET 0
            ) AS shown
          ) AS found`
    )

  const readerOf = memoize((members: ContactMembers) => {
    const select = statement(members)
    const selected = (requests: ReadonlyArray<ReadContact>) =>
      select({
        owners: int8Array(requests.map(({ owner }) => owner)),
        ids: int8Array(requests.map(({ id }) => id))
      })
    const together = gathered<ReadContact, string | undefined, SqlError.SqlError>(mostTogether, (asked) =>
      Effect.map(selected(asked.map(({ request }) => request)), (rows) => {
        const found = new Map(rows.map(({ json, n }) => [n, json]))
        asked.forEach(({ answer }, index) => answer(Exit.succeed(found.get(index + 1))))
      })
    )
    const alone = (request: ReadContact) => Effect.map(selected([request]), ([row]) => row?.json)
    return (request: ReadContact) =>
      Effect.withFiber((fiber) => (inTransaction(sql, fiber) ? alone(request) : together(request)))
  })

  return (owner: AccountId, id: ContactId, members: ContactMembers): Effect.Effect<string, ContactNotFound> =>
    Effect.flatMap(Effect.orDie(readerOf(members)({ owner, id })), (json) =>
      json === undefined ? Effect.fail(new ContactNotFound({ id })) : Effect.succeed(json)
    ).pipe(spanned("ContactRepository.findJsonById"))
}
