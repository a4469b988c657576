import { Effect, Layer, PubSub, Stream } from "effect"
import { Notifier, type Wake } from "../../domain/notifications/Notifier.ts"

/** Wakes that are kept for a reader that lags; one that lags further is told that it missed some. */
const backlog = 4096

const missed: Wake = { _tag: "Missed" }

/** For the only instance there is: it hears what it says. */
export const NotifierInProcess = Layer.effect(
  Notifier,
  Effect.gen(function* () {
    const wakes = yield* PubSub.sliding<Wake>(backlog)
    const emit = (wake: Wake) =>
      Effect.flatMap(PubSub.isFull(wakes), (full) => PubSub.publish(wakes, full ? missed : wake))
    return Notifier.of({
      wake: (accounts) =>
        Effect.forEach(accounts, (accountId) => emit({ _tag: "Woken", accountId }), { discard: true }),
      tell: (news) => emit({ _tag: "Woken", accountId: news.to, news }),
      wakes: Stream.fromPubSub(wakes)
    })
  })
)
