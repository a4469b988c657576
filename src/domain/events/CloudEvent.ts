import { Schema } from "effect"

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
