import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { AccountId } from "../../../src/domain/accounts/Account.ts"
import { Birthday, upcomingMonthDays } from "../../../src/domain/contacts/Birthday.ts"
import { contactMembers } from "../../../src/adapters/http/v1/V1ContactRepresentation.ts"
import { ContactRepository } from "../../../src/domain/contacts/ContactRepository.ts"
import { describeWith, postgresUrl } from "../../support/Services.ts"
import { serverDatabase } from "../../support/TestDatabase.ts"
import { assertFast, type ExplainedStatement, type Plan, plansOf, rowsRead } from "./Plans.ts"
import { repositoriesOn } from "./RepositoriesOn.ts"

const [accounts, contacts] = [100, 1_000_000]
const own = contacts / accounts
const owner = AccountId.make(8)

/** In milliseconds. */
const longest = 20

/** A million contacts, and between two of one account always those of all others. Indexes are made afterwards: faster. */
const fill = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO accounts (username, username_key, created_at)
    SELECT 'u' || n, 'u' || n, now() FROM generate_series(1, ${accounts}) AS n`
  const indexes = yield* sql<{ indexname: string; indexdef: string }>`
    SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'contacts' AND indexname <> 'contacts_pkey'`
  assert.isNotEmpty(indexes)
  for (const { indexname } of indexes) yield* sql`DROP INDEX ${sql(indexname)}`
  yield* sql`ALTER TABLE contacts DROP CONSTRAINT contacts_account_id_fkey`
  yield* sql`
    INSERT INTO contacts (account_id, first_name, last_name, email, phone, birthday, notes, search_text)
    SELECT 1 + n % ${accounts}, 'First ' || n, 'Last ' || n, n || '@example.com', '+49' || 1000000 + n,
      date '1950-01-01' + n % 20000, 'Met at a conference',
      concat_ws(chr(1), 'first ' || n, 'last ' || n, n || '@example.com')
    FROM generate_series(1, ${contacts}::integer) AS n`
  for (const { indexdef } of indexes) yield* sql.unsafe(indexdef)
  yield* sql`VACUUM (ANALYZE) contacts`
})

const Filled = Layer.provideMerge(Layer.effectDiscard(fill), serverDatabase())

/** Steps that read rows of contacts, or entries of its indexes. */
const reads = ({ steps }: ExplainedStatement) =>
  steps.filter((step) => /Scan/.test(step["Node Type"]) && isOfContacts(step))
const isOfContacts = (step: Plan) => step["Relation Name"] === "contacts" || step["Index Name"]?.startsWith("contacts_")

/** Reads through an index, and by the account unless a row is fetched that was found before. */
const assertOwnOnly = (statement: ExplainedStatement) => {
  const steps = reads(statement)
  assert.isNotEmpty(steps)
  for (const step of steps) {
    assert.notStrictEqual(step["Node Type"], "Seq Scan")
    assert.isAtMost(rowsRead(step), own)
    if (step["Node Type"] === "Bitmap Heap Scan") continue
    assert.match(step["Index Cond"] ?? "", step["Index Name"] === "contacts_pkey" ? /id = / : /account_id = /)
  }
}

describeWith(postgresUrl)("among a million contacts", () => {
  layer(Layer.provideMerge(repositoriesOn(Filled)(true), Filled), {
    excludeTestServices: true,
    timeout: "120 seconds"
  })("10,000 of one account", (it) => {
    for (const [what, request, total] of [
      ["a rare text", { skip: 0, limit: 20, search: "T 99960" }, 1],
      ["a text in the middle of a word", { skip: 0, limit: 100, search: "ST 7" }, 1112],
      ["a text that they all have", { skip: 5000, limit: 100, search: "@" }, own],
      ["a text that none has", { skip: 0, limit: 100, search: "ada" }, 0]
    ] as const) {
      it.effect(`are searched for ${what} in an index of their own, within ${longest} ms`, () =>
        Effect.gen(function* () {
          const search = ContactRepository.use((_) => _.jsonPage(owner, request, contactMembers))
          assert.strictEqual((yield* search).total, total)
          for (const statement of yield* plansOf(search, true)) {
            assertOwnOnly(statement)
            const texts = reads(statement).filter((step) => step["Index Name"] === "contacts_search")
            assert.deepStrictEqual(
              texts.map((step) => [step["Node Type"], rowsRead(step), step["Heap Fetches"]]),
              [["Index Only Scan", own, 0]]
            )
          }
          yield* assertFast(search, longest)
        })
      )
    }

    it.effect(`are counted and skipped in an index of their own, within ${longest} ms`, () =>
      Effect.gen(function* () {
        for (const skip of [0, 9990, 1_000_000]) {
          const page = ContactRepository.use((_) => _.jsonPage(owner, { skip, limit: 20 }, contactMembers))
          assert.strictEqual((yield* page).total, own)
          for (const statement of yield* plansOf(page, true)) assertOwnOnly(statement)
          yield* assertFast(page, longest)
        }
      })
    )

    it.effect("are read no further than to those whose birthday is near", () =>
      Effect.gen(function* () {
        const days = upcomingMonthDays(Birthday.make("2024-12-28"))
        const born = ContactRepository.use((_) => _.listBornOn(owner, days))
        const { length } = yield* born
        assert.isAtLeast(length, 100)
        for (const statement of yield* plansOf(born, true)) {
          assertOwnOnly(statement)
          for (const step of reads(statement)) assert.strictEqual(rowsRead(step), length)
        }
        yield* assertFast(born, longest)
      })
    )
  })
})
