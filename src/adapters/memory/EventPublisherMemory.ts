import { Context, Effect, Layer } from "effect"
import type { CloudEvent } from "../../domain/events/CloudEvent.ts"
import { EventPublisher, type EventRefused, type PublisherUnavailable } from "../../domain/events/EventPublisher.ts"

/** The event stream as a test sees it. */
export class PublishedEvents extends Context.Service<
  PublishedEvents,
  {
    /** What the stream has, in the order in which it came. */
    readonly all: Effect.Effect<ReadonlyArray<CloudEvent>>
    /** What publishing comes to from now on. An event is kept where this succeeds. */
    answer(
      publishing: (event: CloudEvent) => Effect.Effect<void, PublisherUnavailable | EventRefused>
    ): Effect.Effect<void>
  }
>()("rookery/adapters/memory/EventPublisherMemory/PublishedEvents") {}

/** Keeps every event once, unless a test has {@link PublishedEvents} answer otherwise. */
export const EventPublisherMemory = Layer.effectContext(
  Effect.sync(() => {
    const events = new Map<string, CloudEvent>()
    let publishing: Parameters<PublishedEvents["Service"]["answer"]>[0] = () => Effect.void

    return Context.make(
      EventPublisher,
      EventPublisher.of({
        publish: (event) =>
          Effect.map(
            Effect.suspend(() => publishing(event)),
            () => {
              if (!events.has(event.id)) events.set(event.id, event)
            }
          )
      })
    ).pipe(
      Context.add(
        PublishedEvents,
        PublishedEvents.of({
          all: Effect.sync(() => [...events.values()]),
          answer: (next) =>
            Effect.sync(() => {
              publishing = next
            })
        })
      )
    )
  })
)
