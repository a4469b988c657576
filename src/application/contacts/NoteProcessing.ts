import { Effect, Layer, type Schedule } from "effect"
import { Upstream } from "../../domain/contacts/Upstream.ts"
import { toCloudEvent } from "../../domain/events/CloudEvent.ts"
import { DeliveryRefused, DeliveryUnavailable, runDeliveries } from "../events/Deliveries.ts"

export interface NoteProcessingOptions {
  /** Tries for each event before it becomes a dead letter, 1 or more. */
  readonly maxAttempts: number
  /** The delays between tries. */
  readonly backoff: Schedule.Schedule<unknown>
  /** The `source` of the events: where this deployment is reached. */
  readonly source: string
}

/** Hands created and updated notes to the upstream service, each event by itself, for as long as its scope lasts. */
export const NoteProcessing = ({ backoff, maxAttempts, source }: NoteProcessingOptions) =>
  Layer.effectDiscard(
    Effect.flatMap(Upstream, (upstream) =>
      runDeliveries({
        destination: "upstream",
        maxAttempts,
        backoff,
        deliver: (entry) =>
          upstream.deliver(toCloudEvent(entry, source)).pipe(
            // The owner of the note reads the reason; what a defect says may be of no concern to him, so the log has it.
            Effect.catchDefect((defect) =>
              Effect.andThen(
                Effect.logError(`Event ${entry.eventId} could not be sent`, defect),
                Effect.fail(new DeliveryUnavailable({ reason: "could not be sent" }))
              )
            ),
            Effect.catchTags({
              UpstreamRejected: ({ reason }) => Effect.fail(new DeliveryRefused({ reason })),
              UpstreamUnavailable: ({ reason, retryAfter }) =>
                Effect.fail(new DeliveryUnavailable({ reason, ...(retryAfter === undefined ? {} : { retryAfter }) }))
            })
          )
      })
    )
  )
