import { Context, Duration, Effect, Layer } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { Outbox } from "../../domain/events/Outbox.ts"
import { Observations } from "./Observations.ts"
import { observeOutbox } from "./OutboxMetrics.ts"

/** However many scrape, what costs the database something is measured once a second. */
const measured = Duration.seconds(1)

/** What `/metrics` answers. */
export class Exposition extends Context.Service<
  Exposition,
  {
    /** In Prometheus' text format 0.0.4. Takes some seconds at most, and never fails. */
    readonly text: Effect.Effect<string>
  }
>()("rookery/adapters/http/Exposition") {
  /** The metrics of this process, and of what it observes. */
  static readonly ofProcess = Layer.effect(
    Exposition,
    Effect.gen(function* () {
      const outbox = yield* Outbox
      const observations = yield* Observations
      // One after the other, or the outbox's question would be seen among what the database does.
      const observe = yield* Effect.cachedWithTTL(
        Effect.andThen(Effect.all(observations, { concurrency: "unbounded", discard: true }), observeOutbox(outbox)),
        measured
      )
      return Exposition.of({ text: Effect.andThen(observe, PrometheusMetrics.format()) })
    })
  )
}
