import { DateTime, Duration, Effect, Layer, Schedule } from "effect"
import { keptFor, NotificationLog } from "../../domain/notifications/NotificationLog.ts"
import { makeOutage } from "../events/Outage.ts"

const every = Duration.hours(1)

/** Forgets notifications that nobody came for, for as long as its scope lasts. */
export const NotificationExpiry = Layer.effectDiscard(
  Effect.gen(function* () {
    const log = yield* NotificationLog
    const outage = yield* makeOutage("The database of notifications")
    const clear = Effect.flatMap(DateTime.now, (now) => log.deleteBefore(DateTime.subtractDuration(now, keptFor)))
    yield* clear.pipe(
      Effect.andThen(outage.ended),
      Effect.catchCause(outage.began),
      Effect.schedule(Schedule.spaced(every)),
      Effect.forkScoped
    )
  })
)
