import { Duration, Effect, Option, Queue } from "effect"
import type { Destination } from "../../domain/events/Outbox.ts"
import { OutboxSignal } from "../../domain/events/OutboxSignal.ts"

/** What another instance committed, and what a dead one left behind, is found by looking this often. */
const poll = Duration.seconds(1)

/** Where a relay sleeps while it finds nothing to claim. */
export interface Wakeup {
  readonly notify: Effect.Effect<void>
  /** Until notified, by a write or by {@link notify}, since the last sleep; or something falls due; or a second passed. */
  readonly sleep: Effect.Effect<void>
}

export const makeWakeup = Effect.fnUntraced(function* (
  destination: Destination,
  untilDue: Effect.Effect<Option.Option<Duration.Duration>>
) {
  const signal = yield* OutboxSignal
  // A notification that nobody waits for is kept, and one says as much as many.
  const pending = yield* Queue.sliding<void>(1)
  const notify = Effect.asVoid(Queue.offer(pending, undefined))

  const notified = yield* signal.subscribeTo(destination)
  yield* Effect.andThen(notified, notify).pipe(Effect.forever, Effect.forkScoped({ startImmediately: true }))

  // What is due and yet was not claimed is not for this relay now: it waits for an older event of its subject.
  const nap = Effect.map(untilDue, (due) =>
    Option.match(Option.filter(due, Duration.isPositive), {
      onNone: () => poll,
      onSome: (time) => Duration.min(time, poll)
    })
  )
  const sleep = Effect.flatMap(Queue.poll(pending), (one) =>
    Option.isSome(one)
      ? Effect.void
      : Effect.flatMap(nap, (time) => Effect.asVoid(Effect.timeoutOption(Queue.take(pending), time)))
  )

  return { notify, sleep } satisfies Wakeup
})
