import { Duration, Effect } from "effect"
import { jitteredExponential } from "../../domain/events/Backoff.ts"

/** Tells once that something has gone away and once that it is back, however often either is noticed. */
export interface Outage {
  began(reason: unknown): Effect.Effect<void>
  readonly ended: Effect.Effect<void>
}

export const makeOutage = (what: string) =>
  Effect.sync((): Outage => {
    let away = false
    return {
      began: (reason) =>
        Effect.suspend(() => {
          if (away) return Effect.void
          away = true
          const told = `${what} is away, trying until it is back`
          return typeof reason === "string" ? Effect.logWarning(`${told}: ${reason}`) : Effect.logWarning(told, reason)
        }),
      ended: Effect.suspend(() => {
        if (!away) return Effect.void
        away = false
        return Effect.logInfo(`${what} is back`)
      })
    }
  })

/** From a tenth of a second to 5 seconds: gentle on what comes up again, and soon there when it has. */
export const outagePace = jitteredExponential(Duration.millis(100), 2, Duration.seconds(5))
