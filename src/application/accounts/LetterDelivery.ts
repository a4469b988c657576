import { Effect, type Schema } from "effect"
import { DeliveryUnavailable } from "../events/Deliveries.ts"

const unavailable = (reason: string) => Effect.fail(new DeliveryUnavailable({ reason }))

/** The delivery of a letter to somebody. What goes wrong in it may quote the letter, so that little is told of it. */
export const discreetly = <E, R>(delivery: Effect.Effect<void, E | Schema.SchemaError, R>) =>
  delivery.pipe(
    Effect.catchDefect((defect) =>
      unavailable(`could not be written: ${defect instanceof Error ? defect.name : typeof defect}`)
    ),
    // Written by a newer version, which may be the one that tries next.
    Effect.catchTag("SchemaError", () => unavailable("is of no kind that is known"))
  )
