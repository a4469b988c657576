import { Context, type Effect, Schema } from "effect"
import type { CloudEvent } from "../events/CloudEvent.ts"

/** Worth another try: it did not answer in time, could not be reached, or said so (408, 425, 429, 5xx). */
export class UpstreamUnavailable extends Schema.TaggedError<UpstreamUnavailable>()("UpstreamUnavailable", {
  reason: Schema.String,
  /** How long it asked to be left alone (`Retry-After`). */
  retryAfter: Schema.optionalKey(Schema.Duration)
}) {}

/** It will never take this event: any other answer that is not 2xx. */
export class UpstreamRejected extends Schema.TaggedError<UpstreamRejected>()("UpstreamRejected", {
  reason: Schema.String
}) {}

/** The service that created and updated notes are handed to. */
export class Upstream extends Context.Service<
  Upstream,
  {
    deliver(event: CloudEvent): Effect.Effect<void, UpstreamUnavailable | UpstreamRejected>
  }
>()("rookery/domain/contacts/Upstream") {}
