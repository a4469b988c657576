import { Duration, Effect, FiberSet, type Schedule, Schema } from "effect"
import { delayAfter } from "../../domain/events/Backoff.ts"
import type { Destination, OutboxEntry } from "../../domain/events/Outbox.ts"
import { countDeadLetter, countDelivery, countRetry, registerDeliveries } from "./DeliveryMetrics.ts"
import { makeLease } from "./Lease.ts"
import { makeWakeup } from "./Wakeup.ts"

/** It will never be taken: the entry becomes a dead letter at once. */
export class DeliveryRefused extends Schema.TaggedError<DeliveryRefused>()("DeliveryRefused", {
  reason: Schema.String
}) {}

/** Worth another try. */
export class DeliveryUnavailable extends Schema.TaggedError<DeliveryUnavailable>()("DeliveryUnavailable", {
  reason: Schema.String,
  /** How long the destination asked to be left alone. */
  retryAfter: Schema.optionalKey(Schema.Duration)
}) {}

export interface DeliveriesOptions {
  readonly destination: Destination
  /** Tries for each entry before it becomes a dead letter, 1 or more. */
  readonly maxAttempts: number
  /** The delays between tries. */
  readonly backoff: Schedule.Schedule<unknown>
  readonly deliver: (entry: OutboxEntry) => Effect.Effect<void, DeliveryRefused | DeliveryUnavailable>
}

/** Half of what may be under way at once stays free of retries, so that what fails never holds up what is new. */
const mostDeliveries = 256
const mostRetries = 128

/** However long a destination asks to be left alone. */
const longestRetryAfter = Duration.hours(24)

/** Brings the outbox's entries for one destination there, each by itself, for as long as the scope lasts. */
export const runDeliveries = Effect.fnUntraced(function* (options: DeliveriesOptions) {
  const { destination } = options
  const lease = yield* makeLease(destination)
  const wakeup = yield* makeWakeup(destination, lease.untilDue)
  const deliveries = yield* FiberSet.make<void>()
  yield* registerDeliveries(destination)
  let delivering = 0
  let retrying = 0

  const giveUp = Effect.fnUntraced(function* (entry: OutboxEntry, reason: string) {
    yield* lease.bury(entry.id, reason)
    yield* countDeadLetter
    yield* Effect.logWarning(`Gave up event ${entry.eventId} of ${entry.subject}: ${reason}`)
  })

  const putOff = Effect.fnUntraced(function* (entry: OutboxEntry, { reason, retryAfter }: DeliveryUnavailable) {
    if (entry.attempts >= options.maxAttempts) return yield* giveUp(entry, reason)
    const delay = yield* delayAfter(options.backoff, entry.attempts)
    const asked = retryAfter === undefined ? Duration.zero : Duration.min(retryAfter, longestRetryAfter)
    yield* countRetry
    yield* lease.reschedule(entry.id, Duration.max(delay, asked), reason)
  })

  const deliver = (entry: OutboxEntry) =>
    Effect.suspend(() => options.deliver(entry)).pipe(
      Effect.catchDefect((defect) => Effect.fail(new DeliveryUnavailable({ reason: `could not be sent: ${defect}` }))),
      Effect.matchEffect({
        onSuccess: () => Effect.andThen(countDelivery(destination, "delivered"), lease.complete([entry.id])),
        onFailure: (error) =>
          error._tag === "DeliveryRefused"
            ? Effect.andThen(countDelivery(destination, "refused"), giveUp(entry, error.reason))
            : Effect.andThen(countDelivery(destination, "unavailable"), putOff(entry, error))
      })
    )

  /** Starts what can be claimed, each in a fiber of its own; how many there were. */
  const start = Effect.fnUntraced(function* (limit: number, fresh: boolean) {
    if (limit <= 0) return 0
    const entries = yield* lease.claim(limit, fresh)
    const retries = fresh ? 0 : 1
    for (const entry of entries) {
      delivering += 1
      retrying += retries
      const finished = Effect.suspend(() => {
        delivering -= 1
        retrying -= retries
        return wakeup.notify
      })
      yield* FiberSet.run(deliveries, Effect.ensuring(deliver(entry), finished))
    }
    return entries.length
  })

  yield* Effect.gen(function* () {
    const retries = yield* start(Math.min(mostRetries - retrying, mostDeliveries - delivering), false)
    const fresh = yield* start(mostDeliveries - delivering, true)
    if (retries + fresh === 0) yield* wakeup.sleep
  }).pipe(Effect.forever, Effect.forkScoped)
})
