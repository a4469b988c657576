import { Duration, Effect, Layer, Queue } from "effect"
import { toCloudEvent } from "../../domain/events/CloudEvent.ts"
import { delayAfter } from "../../domain/events/Backoff.ts"
import { EventHandover } from "../../domain/events/EventHandover.ts"
import { EventPublisher, EventRefused } from "../../domain/events/EventPublisher.ts"
import type { OutboxEntry } from "../../domain/events/Outbox.ts"
import { countDeadLetter, countDelivery, registerDeliveries } from "./DeliveryMetrics.ts"
import { makeLease } from "./Lease.ts"
import { makeOutage, outagePace } from "./Outage.ts"
import { makeWakeup } from "./Wakeup.ts"

export interface EventRelayOptions {
  /** The `source` of the events: where this deployment is reached. */
  readonly source: string
}

/** One claim's worth, and how much of it is on its way at once. A claim holds one event of a note at most. */
const batch = 256
const concurrency = 64

/** After this many failures in a row the delay has long reached its bound. */
const countedFailures = 16

/** With more than this under way nothing is taken from writes: it waits in the outbox instead of here. */
const mostHeld = 4096

/** Events that were taken from writes go out at once; that they have arrived is written this often, of many together. */
const settling = Duration.millis(20)

/** How long a shutdown waits for that. */
const farewell = Duration.seconds(2)

/**
 * Brings committed events to the event stream, in order for each note, for as long as its scope lasts: those that it claims
 * from the outbox, and those that writes hand to it. While the stream is away nothing is given up and nothing taken from
 * writes; one event asks now and then whether it is back.
 */
export const EventRelay = (options: EventRelayOptions) =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const publisher = yield* EventPublisher
      const handover = yield* EventHandover
      const lease = yield* makeLease("broker")
      const wakeup = yield* makeWakeup("broker", lease.untilDue)
      const stream = yield* makeOutage("The event stream")
      yield* registerDeliveries("broker")
      let failures = 0

      const giveUp = Effect.fnUntraced(function* (entry: OutboxEntry, reason: string) {
        yield* lease.bury(entry.id, reason)
        yield* countDeadLetter
        yield* Effect.logWarning(`The event stream refused event ${entry.eventId} of ${entry.subject}: ${reason}`)
      })

      /** Which of them have arrived, and which did not since the stream is away. */
      const bring = Effect.fnUntraced(function* (entries: ReadonlyArray<OutboxEntry>) {
        const left = new Set(entries.map((entry) => entry.id))
        const arrived: Array<number> = []
        let away = false

        const publish = (entry: OutboxEntry) =>
          Effect.suspend(() => publisher.publish(toCloudEvent(entry, options.source))).pipe(
            // An event that breaks the adapter would break it for ever, and hold up all others.
            Effect.catchDefect((defect) => Effect.fail(new EventRefused({ reason: `could not be sent: ${defect}` }))),
            Effect.tap(() => {
              left.delete(entry.id)
              arrived.push(entry.id)
              return Effect.andThen(countDelivery("broker", "delivered"), stream.ended)
            }),
            Effect.catchTags({
              EventRefused: ({ reason }) => {
                left.delete(entry.id)
                return Effect.andThen(countDelivery("broker", "refused"), giveUp(entry, reason))
              },
              PublisherUnavailable: ({ reason }) => {
                away = true
                return Effect.andThen(countDelivery("broker", "unavailable"), stream.began(reason))
              }
            })
          )
        // Those on their way when the stream is found away may still arrive; no further one sets out.
        yield* Effect.forEach(entries, (entry) => Effect.suspend(() => (away ? Effect.void : publish(entry))), {
          concurrency,
          discard: true
        })
        return { arrived, left: away ? [...left] : [], away }
      })

      let open = true
      const relay = Effect.fnUntraced(function* (entries: ReadonlyArray<OutboxEntry>) {
        const { arrived, away, left } = yield* bring(entries)
        yield* lease.complete(arrived)
        failures = away ? Math.min(failures + 1, countedFailures) : 0
        open = !away
        if (!away) return
        const delay = yield* delayAfter(outagePace, failures)
        yield* lease.release(left, delay)
        yield* Effect.sleep(delay)
      })

      yield* Effect.flatMap(
        Effect.suspend(() => lease.claim(failures === 0 ? batch : 1)),
        (entries) => (entries.length === 0 ? wakeup.sleep : relay(entries))
      ).pipe(Effect.forever, Effect.forkScoped)

      const handed = yield* Queue.unbounded<OutboxEntry>()
      const settled = yield* Queue.unbounded<number>()

      yield* Effect.addFinalizer(() =>
        Effect.flatMap(Queue.clear(settled), lease.complete).pipe(
          Effect.interruptible,
          Effect.timeoutOption(farewell),
          Effect.ignoreCause
        )
      )
      yield* Effect.flatMap(Queue.takeAll(settled), lease.complete).pipe(
        Effect.andThen(Effect.sleep(settling)),
        Effect.forever,
        Effect.forkScoped
      )

      const relayHanded = Effect.fnUntraced(function* (entries: ReadonlyArray<OutboxEntry>) {
        const { arrived, away, left } = yield* bring(entries)
        yield* Queue.offerAll(settled, arrived)
        if (!away) return
        // The other loop finds out when the stream is back.
        open = false
        const waiting = yield* Queue.clear(handed)
        yield* lease.release([...left, ...waiting.map(({ id }) => id)], Duration.zero)
        yield* wakeup.notify
      })
      yield* Effect.flatMap(Queue.takeAll(handed), relayHanded).pipe(Effect.forever, Effect.forkScoped)

      yield* handover.open({
        holder: lease.holder,
        lease: lease.length,
        isOpen: () => open && lease.size() < mostHeld,
        take: (entries) => {
          lease.adopt(entries)
          Queue.offerAllUnsafe(handed, entries)
        }
      })
    })
  )
