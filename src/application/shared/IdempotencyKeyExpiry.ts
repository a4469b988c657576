import { DateTime, Duration, Effect, Layer, Schedule } from "effect"
import { IdempotencyKeys, keyRetention } from "../../domain/shared/IdempotencyKeys.ts"
import { makeOutage } from "../events/Outage.ts"

const every = Duration.hours(1)

/** Clears away idempotency keys that are as if they had never come, for as long as its scope lasts. */
export const IdempotencyKeyExpiry = Layer.effectDiscard(
  Effect.gen(function* () {
    const keys = yield* IdempotencyKeys
    const outage = yield* makeOutage("The database of idempotency keys")
    const clear = Effect.flatMap(DateTime.now, (now) =>
      keys.deleteCreatedBefore(DateTime.subtractDuration(now, keyRetention))
    )
    yield* clear.pipe(
      Effect.andThen(outage.ended),
      Effect.catchCause(outage.began),
      Effect.schedule(Schedule.spaced(every)),
      Effect.forkScoped
    )
  })
)
