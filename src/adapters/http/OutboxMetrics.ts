import { Duration, Effect, Metric } from "effect"
import type { Outbox } from "../../domain/events/Outbox.ts"

const depth = Metric.gauge("rookery_outbox_pending", {
  description: "Events that have not arrived yet, by destination"
})
const age = Metric.gauge("rookery_outbox_oldest_seconds", {
  description: "Age of the oldest event that has not arrived yet, by destination"
})
const dead = Metric.gauge("rookery_outbox_dead", {
  description: "Dead letters that wait to be sent again, by destination"
})

/** Every process on one database shows the same in them. */
export const outboxMetrics: ReadonlySet<string> = new Set([depth.id, age.id, dead.id])

/** Reads the outbox when somebody looks: a database that is away leaves the last reading. */
export const observeOutbox = (outbox: Outbox["Service"]): Effect.Effect<void> =>
  outbox.depth.pipe(
    Effect.flatMap(
      Effect.forEach(
        (entry) => {
          const labels = { destination: entry.destination }
          return Effect.all([
            Metric.update(Metric.withAttributes(depth, labels), entry.pending),
            Metric.update(Metric.withAttributes(age, labels), Duration.toSeconds(entry.oldest)),
            Metric.update(Metric.withAttributes(dead, labels), entry.dead)
          ])
        },
        { discard: true }
      )
    ),
    Effect.timeoutOrElse({ duration: Duration.seconds(2), orElse: () => Effect.void }),
    Effect.catchCause((cause) => Effect.logWarning("Could not read the outbox for metrics", cause))
  )
