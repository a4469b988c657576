import { Duration, Effect, Pull, Schedule } from "effect"

/** Delays that start at `base` and grow by `factor` each time, give or take a fifth at random, never above `longest`. */
export const jitteredExponential = (
  base: Duration.Duration,
  factor: number,
  longest: Duration.Duration
): Schedule.Schedule<Duration.Duration> => {
  const atMostLongest = Schedule.modifyDelay<Duration.Duration, unknown>(({ duration }) =>
    Effect.succeed(Duration.min(duration, longest))
  )
  // Bounded before the jitter too: infinity times a random number can be no number at all.
  return Schedule.exponential(base, factor).pipe(atMostLongest, Schedule.jittered, atMostLongest)
}

/**
 * The delays between tries to hand over an event: they grow by 2.2, up to an hour.
 *
 * With `base` 1 second and 12 attempts there are 11 delays. Without jitter they add up to (2.2^11 - 1) / 1.2 = 4868
 * seconds, with the lowest jitter to 3894: whoever is away for an hour is still asked once more afterwards. A factor of 2
 * would have given up after 27 minutes. The random part keeps events that failed together from coming back together.
 */
export const backoff = (base: Duration.Duration) => jitteredExponential(base, 2.2, Duration.hours(1))

export interface Patience {
  /** Tries for each entry, 1 or more. */
  readonly maxAttempts: number
  /** The delays between them. */
  readonly backoff: Schedule.Schedule<unknown>
}

/**
 * For what may be away for days while somebody waits for its first minutes: from 5 seconds up to an hour. The first 10
 * tries take some 80 minutes, and each of the 110 that follow comes 48 to 60 minutes after the one before: more than four
 * days in all, as RFC 5321, 4.5.4.1, asks of mail.
 */
export const patience: Patience = { maxAttempts: 120, backoff: backoff(Duration.seconds(5)) }

/**
 * The delay that `schedule` gives after the `attempt`-th failure, counted from 1. It depends on the number alone, so a
 * count that was stored goes on after a restart where it was. A schedule that has ended keeps its last delay.
 */
export const delayAfter = Effect.fnUntraced(function* (schedule: Schedule.Schedule<unknown>, attempt: number) {
  const step = yield* Schedule.toStep(schedule)
  let delay = Duration.zero
  for (let failures = 0; failures < attempt; failures++) {
    delay = yield* step(0, undefined).pipe(
      Effect.map(([, next]) => next),
      Pull.catchDone(() => Effect.succeed(delay))
    )
  }
  return delay
})
