import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { companies, firstNames, lastNames, titles } from "./Rows.ts"

/** Of every user. */
export const password = "correct horse battery"

export const usernameOf = (account: number) => `user${String(account).padStart(6, "0")}`

export const phoneOf = (account: number) => `38050${String(account).padStart(7, "0")}`

/** Rows that one statement makes. */
const batch = 200_000

/** Their ids are their numbers, from 1 on. */
const insertUsers = Effect.fnUntraced(function* (count: number, passwordHash: string) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    INSERT INTO accounts (username, username_key, email, email_key, email_verified_at, phone_number, password_hash,
      first_name, last_name, created_at)
    SELECT name, name, name || '@example.com', name || '@example.com', now(), '38050' || lpad(n::text, 7, '0'),
      ${passwordHash}::text, (${firstNames}::text[])[1 + n * 7 % ${firstNames.length}::int], (${lastNames}::text[])[1 + n * 11 % ${lastNames.length}::int],
      timestamptz '2026-01-01 00:00:00Z' + n * interval '1 minute'
    FROM generate_series(1, ${count}::int) AS n,
      LATERAL (SELECT 'user' || lpad(n::text, 6, '0') AS name) AS named
    ORDER BY n`
  // Each odd one and the next are friends.
  yield* sql`
    INSERT INTO friendships (account_id, peer_id, stance, last_touch_at)
    SELECT id, CASE id % 2 WHEN 1 THEN id + 1 ELSE id - 1 END, 'asked', now()
    FROM accounts`
})

/**
 * So many contacts for each of these users, in turns: those of one lie as far apart in the table as contacts do that
 * many users added in the same weeks. A number decides what is in each, so that the data is always the same.
 */
const insertContacts = Effect.fnUntraced(function* (users: number, each: number) {
  const sql = yield* SqlClient.SqlClient
  for (let from = 0; from < users * each; from += batch) {
    const to = Math.min(from + batch, users * each) - 1
    yield* sql`
      INSERT INTO contacts (account_id, first_name, last_name, email, phone, company, title, birthday, notes, created_at,
        updated_at, search_text)
      SELECT 1 + n % ${users}::int, first_name, last_name, email,
        '+38067' || lpad((n::bigint * 7919 % 10000000)::text, 7, '0'),
        (${companies}::text[])[1 + h / 7 % ${companies.length}::int], (${titles}::text[])[1 + h / 11 % ${titles.length}::int], date '1950-01-01' + h % 20000,
        CASE h % 3 WHEN 0 THEN NULL ELSE 'Met at the conference on ' || first_name || '''s paper, wants to hear of us again' END,
        added, added, lower(first_name) || E'\\u0001' || lower(last_name) || E'\\u0001' || email
      FROM generate_series(${from}::int, ${to}::int) AS n,
        LATERAL (SELECT (hashint4(n)::bigint & 1073741823)::int AS h,
          timestamptz '2026-02-01 00:00:00Z' + n * interval '1 second' AS added) AS chosen,
        LATERAL (SELECT (${firstNames}::text[])[1 + h % ${firstNames.length}::int] AS first_name,
          (${lastNames}::text[])[1 + h / ${firstNames.length}::int % ${lastNames.length}::int] AS last_name) AS named,
        LATERAL (SELECT 'contact' || n || '@example.com' AS email) AS addressed
      ORDER BY n`
  }
})

/** A note about every other contact. */
const insertNotes = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    INSERT INTO notes (contact_id, account_id, body, created_at, updated_at, event_id, processing_status)
    SELECT id, account_id, 'Called about the delivery of ' || id || ', asked for a quote by Friday and for the drawings.',
      created_at, created_at, md5(id::text)::uuid, 'off'
    FROM contacts WHERE id % 2 = 0 ORDER BY id`
})

/** So that no statement pays for what the load left: dead rows, missing statistics, pages to be written. */
const tidyUp = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`VACUUM (ANALYZE)`
  // Only for some roles.
  yield* Effect.ignore(sql`CHECKPOINT`)
})

export interface Load {
  readonly users: number
  /** Of each user. */
  readonly contacts: number
  readonly passwordHash: string
}

/** Fills tables that the migrations have made and nobody has written to. */
export const load = Effect.fnUntraced(function* ({ contacts, passwordHash, users }: Load) {
  yield* insertUsers(users, passwordHash)
  yield* insertContacts(users, contacts)
  yield* insertNotes
  yield* tidyUp
}, Effect.orDie)

export interface OwnContact {
  readonly id: number
  /** Its names and its address in small letters, in which it is searched for. */
  readonly searchText: string
}

/** Each user's contacts, in the order of their ids. */
export const contactsOf = Effect.fnUntraced(function* (
  users: ReadonlyArray<number>
): Effect.fn.Return<ReadonlyMap<number, ReadonlyArray<OwnContact>>, never, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* Effect.orDie(sql<OwnContact & { accountId: number }>`
    SELECT id, account_id, search_text FROM contacts
    WHERE account_id IN (SELECT jsonb_array_elements_text(${JSON.stringify(users)}::text::jsonb)::bigint) ORDER BY id`)
  return Map.groupBy(rows, ({ accountId }) => accountId)
})
