import { Duration, Effect, type Option, Schedule, Schema, type Scope } from "effect"
import { SecureRandom } from "effect/crypto"
import { type Destination, Outbox, type OutboxEntry } from "../../domain/events/Outbox.ts"
import { makeOutage, outagePace } from "./Outage.ts"

/** A process that dies loses what it held within this time. One that lives renews it three times as often. */
const length = Duration.seconds(5)
const heartbeat = Duration.millis(Duration.toMillis(length) / 3)

/** How long a shutdown waits for what is held to be given back; after that it runs out by itself. */
const farewell = Duration.seconds(2)

/**
 * One relay's hold on its share of the outbox. What is claimed stays held, however long it takes, until it is completed,
 * rescheduled, released or buried; what is held at the end of the scope is released. None of it fails: while the
 * database is away, each call waits for it.
 */
export interface Lease {
  readonly holder: string
  readonly length: Duration.Duration
  /** How many entries it holds. */
  readonly size: () => number
  /** Holds what was written as its own. */
  readonly adopt: (entries: ReadonlyArray<OutboxEntry>) => void
  claim(limit: number, fresh?: boolean): Effect.Effect<ReadonlyArray<OutboxEntry>>
  complete(ids: ReadonlyArray<number>): Effect.Effect<void>
  reschedule(id: number, delay: Duration.Duration, error: string): Effect.Effect<void>
  release(ids: ReadonlyArray<number>, delay: Duration.Duration): Effect.Effect<void>
  bury(id: number, error: string): Effect.Effect<void>
  readonly untilDue: Effect.Effect<Option.Option<Duration.Duration>>
}

class OutboxAway extends Schema.TaggedError<OutboxAway>()("OutboxAway", { cause: Schema.Defect() }) {}

export const makeLease = Effect.fnUntraced(function* (
  destination: Destination
): Effect.fn.Return<Lease, never, Outbox | SecureRandom.SecureRandom | Scope.Scope> {
  const outbox = yield* Outbox
  const random = yield* SecureRandom.SecureRandom
  const outage = yield* makeOutage("The outbox")
  const holder = yield* random.uuidV4()
  const held = new Set<number>()

  /** The port has no error for a database that is away: it dies, and only here can that be waited out. */
  const lasting = <A>(call: Effect.Effect<A>) =>
    call.pipe(
      Effect.catchDefect((cause) => Effect.fail(new OutboxAway({ cause }))),
      Effect.tapError(({ cause }) => outage.began(cause)),
      Effect.retry(outagePace),
      Effect.orDie,
      Effect.tap(outage.ended)
    )

  const letGo = (ids: ReadonlyArray<number>, call: Effect.Effect<void>) =>
    ids.length === 0
      ? Effect.void
      : Effect.tap(lasting(call), () => Effect.sync(() => ids.forEach((id) => held.delete(id))))

  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => (held.size === 0 ? Effect.void : outbox.release(holder, [...held], Duration.zero))).pipe(
      Effect.interruptible,
      Effect.timeoutOption(farewell),
      Effect.ignoreCause
    )
  )
  yield* Effect.suspend(() => (held.size === 0 ? Effect.void : outbox.renew(holder, [...held], length))).pipe(
    Effect.catchDefect(outage.began),
    Effect.schedule(Schedule.spaced(heartbeat)),
    Effect.forkScoped
  )

  return {
    holder,
    length,
    size: () => held.size,
    adopt: (entries) => entries.forEach((entry) => held.add(entry.id)),
    claim: (limit, fresh) =>
      lasting(
        outbox.claim({ destination, holder, limit, lease: length, ...(fresh === undefined ? undefined : { fresh }) })
      ).pipe(
        Effect.map((entries) => {
          // What ran out while the database or this process was held up is still being brought: it is only renewed.
          const others = entries.filter((entry) => !held.has(entry.id))
          others.forEach((entry) => held.add(entry.id))
          return others
        })
      ),
    complete: (ids) => letGo(ids, outbox.complete(holder, ids)),
    reschedule: (id, delay, error) => letGo([id], outbox.reschedule(holder, id, delay, error)),
    release: (ids, delay) => letGo(ids, outbox.release(holder, ids, delay)),
    bury: (id, error) => letGo([id], outbox.bury(holder, id, error)),
    untilDue: lasting(outbox.untilDue(destination))
  }
})
