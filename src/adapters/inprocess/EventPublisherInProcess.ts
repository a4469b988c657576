import { Layer } from "effect"
import { EventPublisher } from "../../domain/events/EventPublisher.ts"
import { InProcessEvents } from "./InProcessEvents.ts"

/** Publishes to whoever listens in this process, and is never away. It comes with {@link InProcessEvents}. */
export const EventPublisherInProcess = Layer.effect(
  EventPublisher,
  InProcessEvents.useSync((bus) => EventPublisher.of({ publish: bus.publish }))
).pipe(Layer.provideMerge(InProcessEvents.layer))
