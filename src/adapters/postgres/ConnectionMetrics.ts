import { Duration, Effect, Metric } from "effect"
import { DatabaseWatch } from "./DatabaseWatch.ts"

const connections = Metric.gauge("rookery_database_connections", {
  description: "Connections to the database, active (a statement under way or a transaction open) or idle"
})
const most = Metric.gauge("rookery_database_connections_max", {
  description: "Connections to the database that the pool may open"
})

const patience = Duration.seconds(2)

/** Counts the connections when it is run. A database that is away leaves the last reading. */
export const observeConnections: Effect.Effect<Effect.Effect<void>, never, DatabaseWatch> = Effect.map(
  DatabaseWatch,
  (watch) =>
    watch.connections.pipe(
      Effect.flatMap(({ active, max, open }) =>
        Effect.all([
          Metric.update(Metric.withAttributes(connections, { state: "active" }), active),
          Metric.update(Metric.withAttributes(connections, { state: "idle" }), open - active),
          Metric.update(most, max)
        ])
      ),
      Effect.asVoid,
      Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.void }),
      Effect.catchCause((cause) => Effect.logWarning("Could not count the database's connections", cause))
    )
)
