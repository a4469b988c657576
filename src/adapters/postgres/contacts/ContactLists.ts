import { Effect, Exit, Schema } from "effect"
import { memoize } from "effect/Function"
import { type SqlClient, type SqlError, SqlSchema, type Statement } from "effect/sql"
import { AccountId } from "../../../domain/accounts/Account.ts"
import { Contact } from "../../../domain/contacts/Contact.ts"
import type { ContactMembers, ContactPageRequest, JsonPage } from "../../../domain/contacts/ContactRepository.ts"
import { KnownBirthday } from "../../../domain/contacts/UpcomingBirthday.ts"
import { spanned } from "../../../domain/shared/Spanned.ts"
import { searchTerm } from "../../../domain/shared/SearchText.ts"
import { fixedStatement } from "../FixedStatement.ts"
import { gathered, inTransaction } from "../Gathering.ts"
import { int8Array } from "../Int8.ts"
import { contactColumns, ContactRow, jsonMembers } from "./ContactRows.ts"

const PageRow = Schema.Struct({ ...ContactRow.fields, total: Schema.Int })
/** The one row of a page without contacts. */
const EmptyRow = Schema.Struct({ id: Schema.Null, total: Schema.Int })

/** Of a page, as they stand in a statement. */
type Parameters = Readonly<Record<"owner" | "limit" | "skip", string>>

interface AskedPage {
  readonly owner: AccountId
  readonly limit: number
  readonly skip: number
}

/** How many pages one statement reads at most: the owner of a long list keeps no more than these waiting. */
const mostTogether = 16

/** Several contacts of one owner, each in one round trip that reads no others' rows. */
export const contactLists = (sql: SqlClient.SqlClient) => {
  const columns = sql.literal(contactColumns)

  const selectByOwner = SqlSchema.findAll({
    Request: Schema.Struct({ owner: AccountId, after: Schema.Int, limit: Schema.Int }),
    Result: ContactRow,
    execute: ({ after, limit, owner }) => sql`SELECT ${columns} FROM contacts
      WHERE account_id = ${owner} AND id > ${after} ORDER BY id LIMIT ${limit}`
  })

  // The expression is the index's.
  const selectBornOn = SqlSchema.findAll({
    Request: Schema.Struct({ owner: AccountId, monthDays: Schema.Array(Schema.Int) }),
    Result: KnownBirthday,
    execute: ({ monthDays, owner }) => sql`SELECT id, first_name, last_name, birthday FROM contacts
      WHERE account_id = ${owner} AND birthday IS NOT NULL
        AND (extract(month FROM birthday) * 100 + extract(day FROM birthday))::integer = ANY(${monthDays}::integer[])
      ORDER BY id`
  })

  // Two indexes, of which one holds the texts themselves: of 10,000 contacts it reads a hundred pages of its own, where a
  // scan of the table would read 10,000. Texts of more than 2000 bytes do not fit it and are read from the table.
  const matching = (owner: number | string, term: string, length: string) => sql`
    SELECT id FROM contacts
    WHERE account_id = ${owner} AND octet_length(search_text) ${sql.literal(length)} AND strpos(search_text, ${term}) > 0`

  const foundBy = (owner: number | string, term: string) =>
    sql`${matching(owner, term, "<= 2000")} UNION ALL ${matching(owner, term, "> 2000")}`

  const found = (owner: number, search: string | undefined) =>
    search === undefined || search === ""
      ? sql`SELECT id FROM contacts WHERE account_id = ${owner}`
      : foundBy(owner, searchTerm(search))

  const selectPage = SqlSchema.findNonEmpty({
    Request: Schema.Struct({
      owner: AccountId,
      skip: Schema.Int,
      limit: Schema.Int,
      search: Schema.UndefinedOr(Schema.String)
    }),
    Result: Schema.Union([PageRow, EmptyRow]),
    execute: ({ limit, owner, search, skip }) => sql`
      WITH found AS ${sql.literal(search ? "MATERIALIZED" : "NOT MATERIALIZED")} (${found(owner, search)})
      SELECT ${columns}, total
      FROM (SELECT count(*) AS total FROM found) AS whole
        LEFT JOIN (SELECT id AS found_id FROM found ORDER BY id LIMIT ${limit} OFFSET ${skip}) AS page ON true
        LEFT JOIN contacts ON contacts.id = found_id
      ORDER BY id`
  })

  const listByOwner = Effect.fn("ContactRepository.listByOwner")((owner: AccountId, after: number, limit: number) =>
    selectByOwner({ owner, after, limit }).pipe(
      Effect.map((rows) => rows.map((row) => new Contact(row))),
      Effect.orDie
    )
  )

  const listBornOn = Effect.fn("ContactRepository.listBornOn")((owner: AccountId, monthDays: ReadonlyArray<number>) =>
    Effect.orDie(selectBornOn({ owner, monthDays }))
  )

  const page = Effect.fn("ContactRepository.page")((owner: AccountId, { limit, search, skip }: ContactPageRequest) =>
    selectPage({ owner, skip, limit, search }).pipe(
      Effect.map((rows) => ({
        items: rows.flatMap((row) => (row.id === null ? [] : [new Contact(row)])),
        total: rows[0].total
      })),
      Effect.orDie
    )
  )

  /** The server writes JSON faster than its rows are read here. */
  const asJson = (rows: Statement.Fragment, members: ContactMembers) => sql`
    COALESCE((SELECT json_agg(row_to_json(shown))
      FROM (SELECT ${sql.literal(jsonMembers(members))} FROM (${rows}) AS contact) AS shown)::text, '[]') AS json`

  // Without a search the rows of a page are the first that the index leads to: nothing has to be looked up twice.
  const wholePages = (members: ContactMembers) =>
    fixedStatement<JsonPage & { readonly n: number }, "owners" | "limits" | "skips">(
      sql,
      ["owners", "limits", "skips"],
      ({ limits, owners, skips }) => sql`
        SELECT n, total, json
        FROM unnest(${owners}::bigint[], ${limits}::bigint[], ${skips}::bigint[])
          WITH ORDINALITY AS asked (owner, page_limit, page_skip, n), LATERAL (
            SELECT (SELECT count(*) FROM contacts WHERE account_id = owner) AS total, ${asJson(
              sql`SELECT * FROM contacts WHERE account_id = owner ORDER BY id LIMIT page_limit OFFSET page_skip`,
              members
            )}
          ) AS page`
    )

  const firstFound = ({ limit, skip }: Parameters) =>
    sql`SELECT contacts.* FROM (SELECT id FROM found ORDER BY id LIMIT ${limit} OFFSET ${skip}) AS page
      JOIN contacts USING (id) ORDER BY id`

  const searchedPage = (members: ContactMembers) =>
    fixedStatement<JsonPage, keyof Parameters | "term">(
      sql,
      ["owner", "limit", "skip", "term"],
      (page) => sql`
        WITH found AS MATERIALIZED (${foundBy(page.owner, page.term)})
        SELECT (SELECT count(*) FROM found) AS total, ${asJson(firstFound(page), members)}`
    )

  const empty: JsonPage = { json: "[]", total: 0 }

  const jsonStatements = memoize((members: ContactMembers) => {
    const select = wholePages(members)
    const selected = (pages: ReadonlyArray<AskedPage>) =>
      select({
        owners: int8Array(pages.map(({ owner }) => owner)),
        limits: int8Array(pages.map(({ limit }) => limit)),
        skips: int8Array(pages.map(({ skip }) => skip))
      })
    const together = gathered<AskedPage, JsonPage, SqlError.SqlError>(mostTogether, (asked) =>
      Effect.map(selected(asked.map(({ request }) => request)), (rows) => {
        for (const { json, n, total } of rows) asked[n - 1]?.answer(Exit.succeed({ json, total }))
      })
    )
    const alone = (page: AskedPage) => Effect.map(selected([page]), ([only]) => only ?? empty)
    return {
      whole: (page: AskedPage) =>
        Effect.withFiber((fiber) => (inTransaction(sql, fiber) ? alone(page) : together(page))),
      searched: searchedPage(members)
    }
  })

  const jsonPage = (
    owner: AccountId,
    { limit, search, skip }: ContactPageRequest,
    members: ContactMembers
  ): Effect.Effect<JsonPage> => {
    const { searched, whole } = jsonStatements(members)
    const page = { owner, limit, skip }
    const found =
      search === undefined || search === ""
        ? whole(page)
        : Effect.map(searched({ ...page, term: searchTerm(search) }), ([only]) => only ?? empty)
    return Effect.orDie(found).pipe(spanned("ContactRepository.jsonPage"))
  }

  return { listByOwner, listBornOn, page, jsonPage }
}
