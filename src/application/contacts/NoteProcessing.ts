import { Duration, Effect, FiberSet, Layer, type Schedule } from "effect"
import { Upstream, UpstreamUnavailable } from "../../domain/contacts/Upstream.ts"
import { delayAfter } from "../../domain/events/Backoff.ts"
import { toCloudEvent } from "../../domain/events/CloudEvent.ts"
import type { OutboxEntry } from "../../domain/events/Outbox.ts"
import { countDeadLetter, countDelivery, countRetry, registerDeliveries } from "../events/DeliveryMetrics.ts"
import { makeLease } from "../events/Lease.ts"
import { makeWakeup } from "../events/Wakeup.ts"

export interface NoteProcessingOptions {
  /** Tries for each event before it becomes a dead letter, 1 or more. */
  readonly maxAttempts: number
  /** The delays between tries. */
  readonly backoff: Schedule.Schedule<unknown>
  /** The `source` of the events: where this deployment is reached. */
  readonly source: string
}

/** Half of what may be under way at once stays free of retries, so that what fails never holds up what is new. */
const mostDeliveries = 256
const mostRetries = 128

/** However long the upstream service asks to be left alone. */
const longestRetryAfter = Duration.hours(24)

/** Hands created and updated notes to the upstream service, each event by itself, for as long as its scope lasts. */
export const NoteProcessing = (options: NoteProcessingOptions) =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const upstream = yield* Upstream
      const lease = yield* makeLease("upstream")
      const wakeup = yield* makeWakeup(lease.untilDue)
      const deliveries = yield* FiberSet.make<void>()
      yield* registerDeliveries("upstream")
      let delivering = 0
      let retrying = 0

      const giveUp = Effect.fnUntraced(function* (entry: OutboxEntry, reason: string) {
        yield* lease.bury(entry.id, reason)
        yield* countDeadLetter
        yield* Effect.logWarning(`Gave up event ${entry.eventId} of ${entry.subject}: ${reason}`)
      })

      const putOff = Effect.fnUntraced(function* (entry: OutboxEntry, { reason, retryAfter }: UpstreamUnavailable) {
        if (entry.attempts >= options.maxAttempts) return yield* giveUp(entry, reason)
        const delay = yield* delayAfter(options.backoff, entry.attempts)
        const asked = retryAfter === undefined ? Duration.zero : Duration.min(retryAfter, longestRetryAfter)
        yield* countRetry
        yield* lease.reschedule(entry.id, Duration.max(delay, asked), reason)
      })

      const deliver = (entry: OutboxEntry) =>
        Effect.suspend(() => upstream.deliver(toCloudEvent(entry, options.source))).pipe(
          Effect.catchDefect((defect) =>
            Effect.fail(new UpstreamUnavailable({ reason: `could not be sent: ${defect}` }))
          ),
          Effect.matchEffect({
            onSuccess: () => Effect.andThen(countDelivery("upstream", "delivered"), lease.complete([entry.id])),
            onFailure: (error) =>
              error._tag === "UpstreamRejected"
                ? Effect.andThen(countDelivery("upstream", "refused"), giveUp(entry, error.reason))
                : Effect.andThen(countDelivery("upstream", "unavailable"), putOff(entry, error))
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
  )
