import { Context, Effect, Layer, PubSub, Stream } from "effect"
import type { CloudEvent } from "../../domain/events/CloudEvent.ts"

/** Events that are kept for a subscriber that lags; the oldest of more are lost to it. So many ids are known again. */
const backlog = 4096

/** What was published in this process, for subscribers in it. Who is to get every event needs a broker. */
export class InProcessEvents extends Context.Service<
  InProcessEvents,
  {
    /** An event that was published a short while ago is not published again. */
    publish(event: CloudEvent): Effect.Effect<void>
    /** From subscription on. */
    readonly events: Stream.Stream<CloudEvent>
  }
>()("rookery/adapters/inprocess/InProcessEvents") {
  static readonly layer = Layer.effect(
    InProcessEvents,
    Effect.gen(function* () {
      const bus = yield* PubSub.sliding<CloudEvent>(backlog)
      const seen = new Set<string>()
      // In the order in which they came, over and over: to find the first of a set, it goes past all that were taken out.
      const ids: Array<string> = []
      let next = 0
      return InProcessEvents.of({
        publish: (event) =>
          Effect.suspend(() => {
            if (seen.has(event.id)) return Effect.void
            const oldest = ids[next]
            if (oldest !== undefined) seen.delete(oldest)
            seen.add(event.id)
            ids[next] = event.id
            next = (next + 1) % backlog
            return Effect.asVoid(PubSub.publish(bus, event))
          }),
        events: Stream.fromPubSub(bus)
      })
    })
  )
}
