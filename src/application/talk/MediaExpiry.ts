import { DateTime, Duration, Effect, Layer, Schedule } from "effect"
import { OutboxSignal } from "../../domain/events/OutboxSignal.ts"
import { BlobRemovals } from "../../domain/shared/BlobRemovals.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"
import { unsentFor } from "../../domain/talk/Media.ts"
import { MediaRepository } from "../../domain/talk/MediaRepository.ts"
import { makeOutage } from "../events/Outage.ts"

const every = Duration.hours(1)

/** In one transaction. */
const removedAtOnce = 100

/** Clears away clips that nobody has sent, for as long as its scope lasts. */
export const MediaExpiry = Layer.effectDiscard(
  Effect.gen(function* () {
    const media = yield* MediaRepository
    const removals = yield* BlobRemovals
    const signal = yield* OutboxSignal
    const { afterCommit, atomic } = yield* Transaction
    const outage = yield* makeOutage("The database of clips")

    const removeSome = Effect.fnUntraced(function* (before: DateTime.Utc) {
      const unsent = yield* media.deleteUnsent(before, removedAtOnce)
      for (const { blobKey } of unsent) yield* removals.schedule(blobKey, Duration.zero)
      yield* afterCommit(signal.notifyOf(["blobs"]))
      return unsent.length
    }, atomic)

    const clear = Effect.gen(function* () {
      const before = DateTime.subtractDuration(yield* DateTime.now, unsentFor)
      while ((yield* removeSome(before)) === removedAtOnce) yield* Effect.yieldNow
    })

    yield* clear.pipe(
      Effect.andThen(outage.ended),
      Effect.catchCause(outage.began),
      Effect.schedule(Schedule.spaced(every)),
      Effect.forkScoped
    )
  })
)
