import { Context, Effect, Layer, PubSub, type Scope } from "effect"

/** Wakes this instance's relay when something was committed to the outbox, so that nothing waits for a poll. */
export class OutboxSignal extends Context.Service<
  OutboxSignal,
  {
    readonly notify: Effect.Effect<void>
    /** Waits until notified; what came since the last wait counts. */
    readonly subscribe: Effect.Effect<Effect.Effect<void>, never, Scope.Scope>
  }
>()("rookery/domain/events/OutboxSignal") {
  static readonly layer = Layer.effect(
    OutboxSignal,
    Effect.gen(function* () {
      // One pending wake-up says as much as a thousand.
      const pubsub = yield* PubSub.sliding<void>(1)
      return OutboxSignal.of({
        notify: Effect.asVoid(PubSub.publish(pubsub, undefined)),
        subscribe: Effect.map(PubSub.subscribe(pubsub), (subscription) => PubSub.take(subscription))
      })
    })
  )
}
