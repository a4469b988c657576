import { DateTime, type Duration, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { AccountId, AccountNotFound } from "../../../domain/accounts/Account.ts"
import {
  IdempotencyKey,
  IdempotencyKeys,
  type KeyedRequest,
  KeyInUse,
  KeyLost,
  keyRetention,
  KeyReused,
  KeptResponse
} from "../../../domain/shared/IdempotencyKeys.ts"
import { isForeignKeyViolation } from "../ForeignKey.ts"

const Key = Schema.Struct({ owner: AccountId, key: IdempotencyKey })
const Held = Schema.Struct({ ...Key.fields, holder: Schema.String })
const Taking = Schema.Struct({
  ...Held.fields,
  fingerprint: Schema.Uint8Array,
  heldUntil: Schema.DateTimeUtcFromDate,
  now: Schema.DateTimeUtcFromDate,
  forgottenBefore: Schema.DateTimeUtcFromDate
})
const KeptRow = Schema.Struct({
  same: Schema.Boolean,
  response: Schema.NullOr(KeptResponse),
  heldUntil: Schema.DateTimeUtcFromDate
})

export const IdempotencyKeysPostgres = Layer.effect(
  IdempotencyKeys,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    // Of several at once the first inserts. The others wait for it to commit, and then look at what it wrote.
    const takeRow = SqlSchema.findOneOption({
      Request: Taking,
      Result: Schema.Struct({ key: IdempotencyKey }),
      execute: ({ fingerprint, forgottenBefore, heldUntil, holder, key, now, owner }) => sql`
        INSERT INTO idempotency_keys AS present (account_id, key, fingerprint, holder, held_until, created_at)
        VALUES (${owner}, ${key}, ${fingerprint}, ${holder}, ${heldUntil}, ${now})
        ON CONFLICT (account_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, holder = excluded.holder,
          held_until = excluded.held_until, created_at = excluded.created_at, response = NULL
        WHERE present.created_at <= ${forgottenBefore} OR present.response IS NULL AND present.held_until <= ${now}
        RETURNING key`
    })

    const take = (taking: typeof Taking.Type) =>
      takeRow(taking).pipe(
        Effect.catchTags({
          SchemaError: Effect.die,
          SqlError: (error) =>
            isForeignKeyViolation(error) ? Effect.fail(new AccountNotFound({ id: taking.owner })) : Effect.die(error)
        })
      )

    const selectKept = SqlSchema.findOneOption({
      Request: Schema.Struct({ ...Key.fields, fingerprint: Schema.Uint8Array }),
      Result: KeptRow,
      execute: ({ fingerprint, key, owner }) => sql`SELECT fingerprint = ${fingerprint} AS same, response, held_until
        FROM idempotency_keys WHERE account_id = ${owner} AND key = ${key}`
    })

    const updateResponse = SqlSchema.findOneOption({
      Request: Schema.Struct({ ...Held.fields, response: Schema.fromJsonString(KeptResponse) }),
      Result: Schema.Struct({ key: IdempotencyKey }),
      execute: ({ holder, key, owner, response }) => sql`UPDATE idempotency_keys
        SET response = ${response}::text::jsonb, holder = NULL
        WHERE account_id = ${owner} AND key = ${key} AND holder = ${holder} RETURNING key`
    })

    const deleteHeld = SqlSchema.void({
      Request: Held,
      execute: ({ holder, key, owner }) => sql`DELETE FROM idempotency_keys
        WHERE account_id = ${owner} AND key = ${key} AND holder = ${holder}`
    })

    const deleteRows = SqlSchema.void({
      Request: Schema.DateTimeUtcFromDate,
      execute: (before) => sql`DELETE FROM idempotency_keys WHERE created_at < ${before}`
    })

    const begin = Effect.fn("IdempotencyKeys.begin")(function* (
      { fingerprint, key, owner }: KeyedRequest,
      holder: string,
      lease: Duration.Duration,
      now: DateTime.Utc
    ) {
      const heldUntil = DateTime.addDuration(now, lease)
      const forgottenBefore = DateTime.subtractDuration(now, keyRetention)
      const taking = { owner, key, fingerprint, holder, heldUntil, now, forgottenBefore }
      while (true) {
        if (Option.isSome(yield* take(taking))) return undefined
        const kept = yield* Effect.orDie(selectKept(taking))
        // What was in the way has been given back in between.
        if (Option.isNone(kept)) continue
        if (!kept.value.same) return yield* new KeyReused()
        return kept.value.response ?? (yield* new KeyInUse({ heldUntil: kept.value.heldUntil }))
      }
    })

    const complete = Effect.fn("IdempotencyKeys.complete")(function* (
      { key, owner }: KeyedRequest,
      holder: string,
      response: KeptResponse
    ) {
      const completed = yield* Effect.orDie(updateResponse({ owner, key, holder, response }))
      if (Option.isNone(completed)) return yield* new KeyLost()
    })

    return IdempotencyKeys.of({
      begin,
      complete,
      abandon: Effect.fn("IdempotencyKeys.abandon")(({ key, owner }: KeyedRequest, holder: string) =>
        Effect.orDie(deleteHeld({ owner, key, holder }))
      ),
      deleteCreatedBefore: Effect.fn("IdempotencyKeys.deleteCreatedBefore")((before: DateTime.Utc) =>
        Effect.orDie(deleteRows(before))
      )
    })
  })
)
