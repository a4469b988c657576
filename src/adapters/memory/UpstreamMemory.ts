import { Context, Effect, Layer } from "effect"
import { Upstream, type UpstreamRejected, type UpstreamUnavailable } from "../../domain/contacts/Upstream.ts"
import type { CloudEvent } from "../../domain/events/CloudEvent.ts"

/** The upstream service as a test sees it. */
export class UpstreamService extends Context.Service<
  UpstreamService,
  {
    /** Every try to deliver an event, in the order in which they began. */
    readonly tries: Effect.Effect<ReadonlyArray<CloudEvent>>
    /** The events that it took, in the order in which it took them; one that came twice is here twice. */
    readonly deliveries: Effect.Effect<ReadonlyArray<CloudEvent>>
    /** How it answers from now on; it takes what this succeeds for. */
    answer(
      delivering: (event: CloudEvent) => Effect.Effect<void, UpstreamUnavailable | UpstreamRejected>
    ): Effect.Effect<void>
  }
>()("rookery/adapters/memory/UpstreamMemory/UpstreamService") {}

/** Takes every event at once, unless a test has {@link UpstreamService} answer otherwise. */
export const UpstreamMemory = Layer.effectContext(
  Effect.sync(() => {
    const tries: Array<CloudEvent> = []
    const deliveries: Array<CloudEvent> = []
    let delivering: Parameters<UpstreamService["Service"]["answer"]>[0] = () => Effect.void

    return Context.make(
      Upstream,
      Upstream.of({
        deliver: (event) =>
          Effect.suspend(() => {
            tries.push(event)
            return Effect.map(delivering(event), () => {
              deliveries.push(event)
            })
          })
      })
    ).pipe(
      Context.add(
        UpstreamService,
        UpstreamService.of({
          tries: Effect.sync(() => [...tries]),
          deliveries: Effect.sync(() => [...deliveries]),
          answer: (next) =>
            Effect.sync(() => {
              delivering = next
            })
        })
      )
    )
  })
)
