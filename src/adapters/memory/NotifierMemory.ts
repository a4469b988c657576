import { Effect, Layer, PubSub, Stream } from "effect"
import { Revocations } from "../../domain/accounts/Revocations.ts"
import { Notifier, type Wake } from "../../domain/notifications/Notifier.ts"

/** Wakes that are kept for a reader that lags; one that lags further is told that it missed some. */
const backlog = 1024

const missed: Wake = { _tag: "Missed" }

/** On the bus of `RevocationsMemory`. While a test has taken that away nobody is woken; once it is back, that is said. */
export const NotifierMemory = Layer.effect(
  Notifier,
  Effect.gen(function* () {
    const bus = yield* Revocations
    const wakes = yield* PubSub.sliding<Wake>(backlog)
    const emit = (wake: Wake) =>
      Effect.flatMap(PubSub.isFull(wakes), (full) => PubSub.publish(wakes, full ? missed : wake))
    yield* bus.changes.pipe(
      Stream.filter((change) => change._tag === "Missed"),
      Stream.runForEach(() => emit(missed)),
      Effect.forkScoped({ startImmediately: true })
    )
    return Notifier.of({
      wake: (accounts) =>
        Effect.forEach(accounts, (accountId) => emit({ _tag: "Woken", accountId }), { discard: true }).pipe(
          Effect.when(bus.connected),
          Effect.asVoid
        ),
      tell: (news) => emit({ _tag: "Woken", accountId: news.to, news }).pipe(Effect.when(bus.connected), Effect.asVoid),
      wakes: Stream.fromPubSub(wakes)
    })
  })
)
