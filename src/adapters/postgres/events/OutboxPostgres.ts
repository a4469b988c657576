import { Duration, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { DeadLetter, Destination, Outbox, OutboxEntry } from "../../../domain/events/Outbox.ts"
import { storableText } from "../../../domain/shared/StorableText.ts"
import { int8Array } from "../Int8.ts"
import { outboxStatements } from "./OutboxStatements.ts"

// timestamptz arrives from the driver as a Date.
const EntryRow = Schema.Struct({ ...OutboxEntry.fields, occurredAt: Schema.DateTimeUtcFromDate })
const DeadRow = Schema.Struct({
  ...DeadLetter.fields,
  occurredAt: Schema.DateTimeUtcFromDate,
  diedAt: Schema.DateTimeUtcFromDate
})
const DepthRow = Schema.Struct({
  destination: Destination,
  pending: Schema.Int,
  dead: Schema.Int,
  oldest: Schema.DurationFromMillis
})

/** Of what went wrong, this much is kept, in UTF-16 code units. */
const errorLength = 1000

const Leases = Schema.Struct({ holder: Schema.String, ids: Schema.Array(Schema.Int) })
const Lease = Schema.Struct({ holder: Schema.String, id: Schema.Int, error: Schema.String })
const Claim = Schema.Struct({
  destination: Destination,
  holder: Schema.String,
  limit: Schema.Int,
  lease: Schema.DurationFromMillis,
  fresh: Schema.optionalKey(Schema.Boolean)
})

export const OutboxPostgres = Layer.effect(
  Outbox,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { inMillis, keepProcessing, leased } = outboxStatements(sql)

    // A look into the index for each row that is read. Of NOT EXISTS the planner makes a join, or a look through the whole
    // table, when there are few subjects: a long row of changes to one note then took seconds.
    const pendingHeads = (destination: Destination) => sql`
      FROM outbox AS head WHERE destination = ${destination} AND died_at IS NULL AND id <= (
        SELECT id FROM outbox AS other WHERE other.destination = head.destination AND other.subject = head.subject
          AND other.died_at IS NULL ORDER BY id LIMIT 1)`

    const tried = (fresh: boolean | undefined) =>
      fresh === undefined ? sql`` : fresh ? sql`AND attempts = 0` : sql`AND attempts > 0`

    // The planner takes a table that was empty when it looked for one that always is, keeps its plan, and then reads all of
    // a long outbox, and what is dead in it, for each event.
    const byIndex = <A, E>(statement: Effect.Effect<A, E>) =>
      sql.withTransaction(Effect.andThen(sql`SELECT set_config('enable_seqscan', 'off', true)`, statement))

    // A row that another claim has just taken is skipped while it is locked, and is no longer due once it is not.
    const claimRows = SqlSchema.findAll({
      Request: Claim,
      Result: EntryRow,
      execute: ({ destination, fresh, holder, lease, limit }) => sql`
        WITH due AS (
          SELECT id, available_at ${pendingHeads(destination)} AND available_at <= now() ${tried(fresh)}
          ORDER BY available_at, id LIMIT ${limit} FOR UPDATE OF head SKIP LOCKED
        ), claimed AS (
          UPDATE outbox SET holder = ${holder}, available_at = ${inMillis(lease)}, attempts = attempts + 1
          WHERE id = ANY(ARRAY(SELECT id FROM due))
          RETURNING id, event_id, destination, type, subject, data, occurred_at, attempts
        )
        SELECT claimed.* FROM claimed JOIN due USING (id) ORDER BY due.available_at, id`
    })

    const renewRows = SqlSchema.void({
      Request: Schema.Struct({ ...Leases.fields, lease: Schema.DurationFromMillis }),
      execute: ({ holder, ids, lease }) => sql`WITH leased AS (${leased(holder, ids)})
        UPDATE outbox SET available_at = ${inMillis(lease)} FROM leased WHERE outbox.id = leased.id`
    })

    const completeRows = SqlSchema.void({
      Request: Leases,
      execute: ({ holder, ids }) => sql`WITH leased AS (${leased(holder, ids)}), entry AS (
          DELETE FROM outbox USING leased WHERE outbox.id = leased.id RETURNING outbox.*
        ) ${keepProcessing("delivered")}`
    })

    const releaseRows = SqlSchema.void({
      Request: Schema.Struct({ ...Leases.fields, delay: Schema.DurationFromMillis }),
      execute: ({ delay, holder, ids }) => sql`WITH leased AS (${leased(holder, ids)})
        UPDATE outbox SET holder = NULL, available_at = ${inMillis(delay)}, attempts = greatest(attempts - 1, 0)
        FROM leased WHERE outbox.id = leased.id`
    })

    const rescheduleRow = SqlSchema.void({
      Request: Schema.Struct({ ...Lease.fields, delay: Schema.DurationFromMillis }),
      execute: ({ delay, error, holder, id }) => sql`WITH entry AS (
          UPDATE outbox SET holder = NULL, available_at = ${inMillis(delay)}, last_error = ${error}
          WHERE id = ${id} AND holder = ${holder} RETURNING *
        ) ${keepProcessing("pending")}`
    })

    const buryRow = SqlSchema.void({
      Request: Lease,
      execute: ({ error, holder, id }) => sql`WITH entry AS (
          UPDATE outbox SET holder = NULL, died_at = now(), last_error = ${error}, attempts = greatest(attempts, 1)
          WHERE id = ${id} AND holder = ${holder} RETURNING *
        ) ${keepProcessing("dead")}`
    })

    const selectUntilDue = SqlSchema.findOneOption({
      Request: Destination,
      Result: Schema.Struct({ millis: Schema.Int }),
      execute: (destination) => sql`
        SELECT greatest(0, ceil(extract(epoch FROM available_at - now()) * 1000))::bigint AS millis
        ${pendingHeads(destination)} ORDER BY available_at, id LIMIT 1`
    })

    const selectDepth = SqlSchema.findAll({
      Request: Schema.Array(Destination),
      Result: DepthRow,
      execute: (destinations) => sql`
        SELECT destination, count(id) FILTER (WHERE died_at IS NULL) AS pending, count(died_at) AS dead,
          greatest(0, coalesce(extract(epoch FROM now() - min(occurred_at) FILTER (WHERE died_at IS NULL)), 0) * 1000
            )::bigint AS oldest
        FROM unnest(${destinations}::text[]) AS destination LEFT JOIN outbox USING (destination)
        GROUP BY destination ORDER BY destination`
    })

    const selectDead = SqlSchema.findAll({
      Request: Schema.Int,
      Result: DeadRow,
      execute: (limit) => sql`
        SELECT id, event_id, destination, type, subject, data, occurred_at, attempts, last_error, died_at
        FROM outbox WHERE died_at IS NOT NULL ORDER BY died_at DESC, id DESC LIMIT ${limit}`
    })

    const redeliverRows = SqlSchema.findOne({
      Request: Schema.Union([Schema.Array(Schema.Int), Schema.Literal("all")]),
      Result: Schema.Struct({ count: Schema.Int }),
      execute: (ids) => sql`
        WITH dead AS (
          SELECT id FROM outbox WHERE died_at IS NOT NULL ${ids === "all" ? sql`` : sql`AND id = ANY(${int8Array(ids)})`}
          ORDER BY id FOR UPDATE
        ), entry AS (
          UPDATE outbox SET died_at = NULL, available_at = ${inMillis(0)}, attempts = 0, last_error = NULL
          FROM dead WHERE outbox.id = dead.id RETURNING outbox.*
        ), note AS (${keepProcessing("pending")})
        SELECT count(*) AS count FROM entry`
    })

    return Outbox.of({
      claim: Effect.fn("Outbox.claim")((claim: typeof Claim.Type) =>
        byIndex(claimRows(claim)).pipe(
          Effect.map((rows) => rows.map((row) => new OutboxEntry(row))),
          Effect.orDie
        )
      ),
      renew: Effect.fn("Outbox.renew")((holder: string, ids: ReadonlyArray<number>, lease: Duration.Duration) =>
        Effect.orDie(renewRows({ holder, ids, lease }))
      ),
      complete: Effect.fn("Outbox.complete")((holder: string, ids: ReadonlyArray<number>) =>
        Effect.orDie(completeRows({ holder, ids }))
      ),
      reschedule: Effect.fn("Outbox.reschedule")(
        (holder: string, id: number, delay: Duration.Duration, error: string) =>
          Effect.orDie(rescheduleRow({ holder, id, delay, error: storableText(error, errorLength) }))
      ),
      release: Effect.fn("Outbox.release")((holder: string, ids: ReadonlyArray<number>, delay: Duration.Duration) =>
        Effect.orDie(releaseRows({ holder, ids, delay }))
      ),
      bury: Effect.fn("Outbox.bury")((holder: string, id: number, error: string) =>
        Effect.orDie(buryRow({ holder, id, error: storableText(error, errorLength) }))
      ),
      untilDue: Effect.fn("Outbox.untilDue")((destination: Destination) =>
        byIndex(selectUntilDue(destination)).pipe(
          Effect.map(Option.map(({ millis }) => Duration.millis(millis))),
          Effect.orDie
        )
      ),
      depth: Effect.orDie(selectDepth(Destination.literals)).pipe(Effect.withSpan("Outbox.depth")),
      listDead: Effect.fn("Outbox.listDead")((limit: number) =>
        selectDead(limit).pipe(
          Effect.map((rows) => rows.map((row) => new DeadLetter(row))),
          Effect.orDie
        )
      ),
      redeliver: Effect.fn("Outbox.redeliver")((ids: ReadonlyArray<number> | "all") =>
        redeliverRows(ids).pipe(
          Effect.map((row) => row.count),
          Effect.orDie
        )
      )
    })
  })
)
