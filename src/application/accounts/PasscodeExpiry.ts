import { DateTime, Duration, Effect, Layer, Schedule } from "effect"
import { PasscodeRepository } from "../../domain/accounts/PasscodeRepository.ts"
import { makeOutage } from "../events/Outage.ts"

const every = Duration.hours(1)

/** Longer than any code lives and any wrong try counts: until then who is late is told so. */
const retention = Duration.days(2)

/** Forgets numbers that nothing happens to any more, for as long as its scope lasts. */
export const PasscodeExpiry = Layer.effectDiscard(
  Effect.gen(function* () {
    const passcodes = yield* PasscodeRepository
    const outage = yield* makeOutage("The database of passcodes")
    const clear = Effect.flatMap(DateTime.now, (now) =>
      passcodes.deleteUnusedSince(DateTime.subtractDuration(now, retention))
    )
    yield* clear.pipe(
      Effect.andThen(outage.ended),
      Effect.catchCause(outage.began),
      Effect.schedule(Schedule.spaced(every)),
      Effect.forkScoped
    )
  })
)
