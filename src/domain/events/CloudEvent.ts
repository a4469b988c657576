import { Schema } from "effect"
import type { OutboxEntry } from "./Outbox.ts"

/** A CloudEvents 1.0 event in its JSON form. */
export const CloudEvent = Schema.Struct({
  specversion: Schema.Literal("1.0"),
  id: Schema.String,
  source: Schema.String,
  type: Schema.String,
  subject: Schema.String,
  time: Schema.DateTimeUtcFromString,
  datacontenttype: Schema.Literal("application/json"),
  data: Schema.Json
})
export type CloudEvent = typeof CloudEvent.Type

/** The media type of one event in structured mode (CloudEvents HTTP binding 3.2). */
export const cloudEventMediaType = "application/cloudevents+json; charset=utf-8"

export const encodeCloudEvent = Schema.encodeSync(Schema.fromJsonString(CloudEvent))

/** The event of an entry, told by `source`: the URL that this deployment is reached at. */
export const toCloudEvent = (entry: OutboxEntry, source: string): CloudEvent => ({
  specversion: "1.0",
  id: entry.eventId,
  source,
  type: entry.type,
  subject: entry.subject,
  time: entry.occurredAt,
  datacontenttype: "application/json",
  data: entry.data
})
