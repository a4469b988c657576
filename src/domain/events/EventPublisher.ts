import { Context, type Effect, Schema } from "effect"
import type { CloudEvent } from "./CloudEvent.ts"

/**
 * The event stream can't be reached, did not acknowledge or lets nobody in: worth another try, for as long as it takes.
 */
export class PublisherUnavailable extends Schema.TaggedError<PublisherUnavailable>()("PublisherUnavailable", {
  reason: Schema.String
}) {}

/** The event stream refused this event itself, as too large: other events may pass. */
export class EventRefused extends Schema.TaggedError<EventRefused>()("EventRefused", { reason: Schema.String }) {}

export class EventPublisher extends Context.Service<
  EventPublisher,
  {
    /** Returns when the stream has the event. Publishing the same event id again does not store it twice. */
    publish(event: CloudEvent): Effect.Effect<void, PublisherUnavailable | EventRefused>
  }
>()("rookery/domain/events/EventPublisher") {}
