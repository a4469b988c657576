import { Context, Effect, Layer, PubSub, type Scope } from "effect"
import { Destination } from "./Outbox.ts"

/** Waits until notified; what came since the last wait counts. */
export type Notified = Effect.Effect<void>

/** Wakes this instance's relays when something was committed to the outbox, so that nothing waits for a poll. */
export class OutboxSignal extends Context.Service<
  OutboxSignal,
  {
    /** Whatever was committed. */
    readonly notify: Effect.Effect<void>
    /** For what is written all the time: who has nothing to bring is not made to look. */
    notifyOf(destinations: ReadonlyArray<Destination>): Effect.Effect<void>
    readonly subscribe: Effect.Effect<Notified, never, Scope.Scope>
    subscribeTo(destination: Destination): Effect.Effect<Notified, never, Scope.Scope>
  }
>()("rookery/domain/events/OutboxSignal") {
  static readonly layer = Layer.effect(
    OutboxSignal,
    Effect.gen(function* () {
      // One pending wake-up says as much as a thousand.
      const topic = PubSub.sliding<void>(1)
      const all = yield* topic
      const topics = {
        broker: yield* topic,
        upstream: yield* topic,
        mail: yield* topic,
        sms: yield* topic,
        blobs: yield* topic
      } satisfies Record<Destination, unknown>

      const listen = (pubsub: PubSub.PubSub<void>) =>
        Effect.map(PubSub.subscribe(pubsub), (subscription) => PubSub.take(subscription))
      const notifyOf = (destinations: ReadonlyArray<Destination>) =>
        Effect.forEach([all, ...destinations.map((destination) => topics[destination])], (pubsub) =>
          PubSub.publish(pubsub, undefined)
        ).pipe(Effect.asVoid)

      return OutboxSignal.of({
        notify: notifyOf(Destination.literals),
        notifyOf,
        subscribe: listen(all),
        subscribeTo: (destination) => listen(topics[destination])
      })
    })
  )
}
