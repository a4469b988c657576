import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { AccountId } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { PasscodeRequestId } from "../../../src/domain/accounts/Passcode.ts"
import { PasscodeRepository } from "../../../src/domain/accounts/PasscodeRepository.ts"
import { Outbox } from "../../../src/domain/events/Outbox.ts"
import { BlobRemovals } from "../../../src/domain/shared/BlobRemovals.ts"
import { BlobKey } from "../../../src/domain/shared/BlobStore.ts"
import { IdempotencyKey, IdempotencyKeys } from "../../../src/domain/shared/IdempotencyKeys.ts"
import { PhoneDigits } from "../../../src/domain/shared/PhoneNumber.ts"
import { describeWith, postgresUrl } from "../../support/Services.ts"
import { serverDatabase } from "../../support/TestDatabase.ts"
import { plansOf } from "./Plans.ts"
import { repositoriesOn } from "./RepositoriesOn.ts"

/** A day's keys of 1000 accounts, two days' passcodes, an hour's uploads, and events of other destinations. */
const fill = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO accounts (username, username_key, password_hash, created_at)
    SELECT 'u' || n, 'u' || n, '$none$', now() FROM generate_series(1, 1000) AS n`
  yield* sql`INSERT INTO idempotency_keys (account_id, key, fingerprint, held_until, response, created_at)
    SELECT 1 + n % 1000, 'key ' || n, '\\x00', now(), '{}', now() - n * interval '0.9 seconds'
    FROM generate_series(1, 100000) AS n`
  yield* sql`INSERT INTO outbox (event_id, destination, type, subject, data, available_at)
    SELECT gen_random_uuid(), destination, 'rookery.blobs.removed', 'blobs/avatars/' || n, '{}',
      now() + n * interval '0.1 seconds'
    FROM generate_series(1, 36000) AS n CROSS JOIN unnest(ARRAY['blobs', 'broker']) AS destination`
  yield* sql`INSERT INTO passcodes (phone_number, request_id, purpose, owed_until, wrong_tries, used_at)
    SELECT '49151' || 10000000 + n, gen_random_uuid(), 'signIn', now(), ARRAY[now(), now()], now() - n * interval '2 seconds'
    FROM generate_series(1, 86000) AS n`
  yield* sql`ANALYZE`
})

const Filled = Layer.provideMerge(Layer.effectDiscard(fill), serverDatabase())

/** The tables that are read from end to end by the statements of an effect. */
const readWhole = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(plansOf(effect), (statements) => {
    assert.isNotEmpty(statements)
    return statements.flatMap(({ steps }) =>
      steps.flatMap((step) => (step["Node Type"] === "Seq Scan" ? [step["Relation Name"] ?? "?"] : []))
    )
  })

describeWith(postgresUrl)("query plans", () => {
  layer(Layer.provideMerge(repositoriesOn(Filled)(true), Filled), { excludeTestServices: true, timeout: "60 seconds" })(
    "on a server",
    (it) => {
      it.effect("find idempotency keys through an index", () =>
        Effect.gen(function* () {
          const keys = yield* IdempotencyKeys
          const now = DateTime.makeUnsafe(Date.now())
          const key = IdempotencyKey.make("key 77")
          const request = { owner: AccountId.make(78), key, fingerprint: new Uint8Array(1) }
          const holder = crypto.randomUUID()
          const uses: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
            keys.begin(request, holder, Duration.minutes(1), now),
            keys.begin({ ...request, key: IdempotencyKey.make("new") }, holder, Duration.minutes(1), now),
            keys.complete(request, holder, { status: 200, headers: {}, body: "" }),
            keys.abandon(request, holder),
            keys.deleteCreatedBefore(DateTime.subtract(now, { hours: 24 }))
          ]
          for (const use of uses) {
            assert.deepStrictEqual(yield* readWhole(use), [])
          }
        })
      )

      it.effect("take a key that is new in one statement", () =>
        Effect.gen(function* () {
          const keys = yield* IdempotencyKeys
          const key = IdempotencyKey.make(crypto.randomUUID())
          const request = { owner: AccountId.make(78), key, fingerprint: new Uint8Array(1) }
          const now = DateTime.makeUnsafe(Date.now())
          const begin = keys.begin(request, crypto.randomUUID(), Duration.minutes(1), now)
          assert.lengthOf(yield* plansOf(begin), 1)
          assert.lengthOf(yield* plansOf(begin), 2)
        })
      )

      it.effect("find passcodes through an index", () =>
        Effect.gen(function* () {
          const passcodes = yield* PasscodeRepository
          const now = DateTime.makeUnsafe(Date.now())
          const id = PasscodeRequestId.make(crypto.randomUUID())
          const phone = PhoneDigits.make("4915100000077")
          const code = { hash: new Uint8Array(32), expiresAt: now }
          for (const use of [
            passcodes.request(phone, { id, purpose: "signIn", owedUntil: now }, now),
            passcodes.issue(phone, id, code, now),
            passcodes.lock(phone, now),
            passcodes.addWrongTry(phone, now, DateTime.subtract(now, { hours: 1 })),
            passcodes.use(phone),
            passcodes.deleteUnusedSince(DateTime.subtract(now, { days: 2 }))
          ]) {
            assert.deepStrictEqual(yield* readWhole(use), [])
          }
        })
      )

      it.effect("find mails and SMS of an account through an index", () =>
        Effect.gen(function* () {
          const accounts = yield* AccountRepository
          assert.notInclude(yield* readWhole(accounts.delete(AccountId.make(5))), "outbox")
        })
      )

      it.effect("find blobs to be removed through an index", () =>
        Effect.gen(function* () {
          const [outbox, removals] = [yield* Outbox, yield* BlobRemovals]
          const claim = { destination: "blobs", holder: "holder", lease: Duration.seconds(5) } as const
          for (const use of [
            removals.schedule(BlobKey.make("avatars/35000"), Duration.zero),
            removals.schedule(BlobKey.make("avatars/new"), Duration.hours(1)),
            removals.cancel(BlobKey.make("avatars/35001")),
            outbox.claim({ ...claim, limit: 256, fresh: true }),
            outbox.claim({ ...claim, limit: 128, fresh: false }),
            outbox.untilDue("blobs")
          ]) {
            assert.deepStrictEqual(yield* readWhole(use), [])
          }
        })
      )
    }
  )
})
