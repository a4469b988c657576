import { Effect, Metric } from "effect"
import type { Destination } from "../../domain/events/Outbox.ts"

/** What came of one try: it arrived, it never will, or not now. */
export type DeliveryOutcome = "delivered" | "refused" | "unavailable"

const deliveries = Metric.counter("rookery_outbox_deliveries_total", {
  description: "Tries to bring an event to its destination",
  incremental: true
})
const retries = Metric.counter("rookery_outbox_retries_total", {
  description: "Events that were put off to be tried again",
  incremental: true
})
const deadLetters = Metric.counter("rookery_outbox_dead_letters_total", {
  description: "Events that were given up",
  incremental: true
})

const outcomesOf = (destination: Destination) => ({
  delivered: Metric.withAttributes(deliveries, { destination, outcome: "delivered" }),
  refused: Metric.withAttributes(deliveries, { destination, outcome: "refused" }),
  unavailable: Metric.withAttributes(deliveries, { destination, outcome: "unavailable" })
})
const counters = {
  broker: outcomesOf("broker"),
  upstream: outcomesOf("upstream"),
  mail: outcomesOf("mail"),
  sms: outcomesOf("sms"),
  blobs: outcomesOf("blobs")
}

export const countDelivery = (destination: Destination, outcome: DeliveryOutcome) =>
  Metric.update(counters[destination][outcome], 1)
export const countRetry = Metric.update(retries, 1)
export const countDeadLetter = Metric.update(deadLetters, 1)

/** Shows the counters of a destination as zero from the start, so that their first increase is seen as one. */
export const registerDeliveries = (destination: Destination) =>
  Effect.all(
    [...Object.values(counters[destination]), retries, deadLetters].map((counter) => Metric.update(counter, 0)),
    { discard: true }
  )
