import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import { migrate } from "../../../src/adapters/postgres/Database.ts"
import { migrations } from "../../../src/adapters/postgres/migrations/Migrations.ts"
import { Account, AccountId } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { Contact } from "../../../src/domain/contacts/Contact.ts"
import { ContactRepository } from "../../../src/domain/contacts/ContactRepository.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import { describeWith } from "../../support/Services.ts"
import { databases } from "../../support/TestDatabase.ts"
import { repositoriesOn } from "./RepositoriesOn.ts"

const before = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < "0004"))

/** More contacts than are looked at together, and none with some ids. */
const count = 2500

/** What an earlier version has written. */
const written = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO accounts (username, username_key, created_at)
    SELECT 'u' || n, 'u' || n, now() FROM generate_series(1, 2) AS n`
  yield* sql`INSERT INTO accounts (email, email_key, email_claimed_at, created_at)
    VALUES ('Old@Example.com', 'old@example.com', '2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z')`
  yield* sql`INSERT INTO sessions (id, account_id, dialect, created_at, expires_at)
    VALUES (gen_random_uuid(), 1, 'classic', '2020-01-01T00:00:00Z', now() + interval '1 day')`
  yield* sql`INSERT INTO contacts (account_id, first_name, last_name, email, birthday)
    SELECT 1 + n % 2, 'İpek' || n, 'Andre\u0301 "\\' || n, n || '@Example.com', date '2000-02-28' + n
    FROM generate_series(1, ${count}) AS n`
  yield* sql`INSERT INTO contacts (account_id, first_name, last_name, email) VALUES (1, 'Weiß', NULL, NULL)`
  yield* sql`DELETE FROM contacts WHERE id BETWEEN 900 AND 1100`
})

for (const { fresh, name, needs } of databases) {
  const Migrated = migrate(migrations).pipe(
    Layer.provideMerge(Layer.effectDiscard(written)),
    Layer.provideMerge(fresh(before))
  )
  describeWith(...needs)(`what was written before v1: ${name}`, () => {
    layer(Layer.provideMerge(repositoriesOn(Migrated)(true), Migrated), {
      excludeTestServices: true,
      timeout: "30 seconds"
    })("contacts", (it) => {
      it.effect("can be found", () =>
        Effect.gen(function* () {
          const contacts = yield* ContactRepository
          const [one, two] = [AccountId.make(1), AccountId.make(2)]
          const page = (owner: AccountId, search?: string) => contacts.page(owner, { skip: 0, limit: 100, search })
          const totals = yield* Effect.forEach(
            [
              page(one),
              page(two),
              page(one, "ipek"),
              page(two, 'ANDR\u00c9 "\\'),
              page(one, "@example"),
              page(two, "ss")
            ],
            (found) => Effect.map(found, ({ total }) => total)
          )
          const [even, odd] = [1250 - 101 + 1, 1250 - 100]
          assert.deepStrictEqual(totals, [even, odd, even - 1, odd, even - 1, 0])
          const { items } = yield* page(one, "WEISS")
          assert.deepStrictEqual(
            items.map(({ firstName }) => firstName),
            ["Weiß"]
          )
          const { items: last } = yield* page(one, "ipek2500")
          assert.deepStrictEqual(
            last.map(({ email }) => email),
            [EmailAddress.make("2500@Example.com")]
          )
        })
      )

      it.effect("have birthdays, and can be changed", () =>
        Effect.gen(function* () {
          const contacts = yield* ContactRepository
          const owner = AccountId.make(2)
          const [leapling] = yield* contacts.listBornOn(owner, [229])
          assert.strictEqual(leapling?.birthday, "2000-02-29")
          const contact = yield* contacts.findById(owner, leapling.id)
          yield* contacts.save(new Contact({ ...contact, firstName: "Ada" }))
          assert.strictEqual((yield* contacts.page(owner, { skip: 0, limit: 1, search: "ada" })).total, 1)
          assert.strictEqual((yield* contacts.page(owner, { skip: 0, limit: 1, search: "ipek1andre" })).total, 0)
        })
      )

      it.effect("leave their accounts the address, which nobody could verify", () =>
        Effect.gen(function* () {
          const accounts = yield* AccountRepository
          const email = EmailAddress.make("old@example.com")
          const later = DateTime.add(yield* DateTime.now, { days: 1000 })
          assert.isFalse(yield* accounts.releaseUnverifiedEmail(email, later))
          const holder = Option.getOrThrow(yield* accounts.findHolderOfEmail(email, later))
          yield* accounts.save(new Account({ ...holder, email }), later)
          assert.isFalse(yield* accounts.releaseUnverifiedEmail(email, DateTime.add(later, { days: 2 })))
        })
      )

      it.effect("have all a text to be found by, and sessions a last use", () =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          assert.deepStrictEqual(yield* sql`SELECT id FROM contacts WHERE search_text = '' LIMIT 1`, [])
          assert.deepStrictEqual(yield* sql`SELECT id FROM sessions WHERE last_used_at <> created_at`, [])
        })
      )
    })
  })
}
