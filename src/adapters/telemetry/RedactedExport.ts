import { Effect, Layer } from "effect"
import { type OtlpLogger, type OtlpResource, OtlpSerialization, type OtlpTracer } from "effect/observability"
import { isSecretName, redactText } from "./Redaction.ts"

type Value = OtlpResource.AnyValue
type Attributes = Array<OtlpResource.KeyValue>

const redactValue = (value: Value): Value => {
  if (typeof value.stringValue === "string") return { stringValue: redactText(value.stringValue) }
  if (value.arrayValue !== undefined) return { arrayValue: { values: value.arrayValue.values.map(redactValue) } }
  if (value.kvlistValue !== undefined) return { kvlistValue: { values: redactAttributes(value.kvlistValue.values) } }
  return value
}

const redactAttributes = (attributes: Attributes): Attributes =>
  attributes.map(({ key, value }) => ({
    key,
    value: isSecretName(key) ? { stringValue: "<redacted>" } : redactValue(value)
  }))

const redactLogs = ({ resourceLogs }: OtlpLogger.LogsData): OtlpLogger.LogsData => ({
  resourceLogs: resourceLogs.map((resource) => ({
    ...resource,
    scopeLogs: resource.scopeLogs.map((scope) => ({
      ...scope,
      logRecords: (scope.logRecords ?? []).map((record) => ({
        ...record,
        attributes: redactAttributes(record.attributes),
        ...(record.body === undefined ? {} : { body: redactValue(record.body) })
      }))
    }))
  }))
})

/** What the span of a request is named, once its route is known: the span begins before that. */
const nameOf = (name: string, attributes: Attributes): string => {
  const route = attributes.find(({ key }) => key === "http.route")?.value.stringValue
  return typeof route === "string" && !name.includes(" ") ? `${name} ${route}` : redactText(name)
}

const redactTraces = ({ resourceSpans }: OtlpTracer.TraceData): OtlpTracer.TraceData => ({
  resourceSpans: resourceSpans.map((resource) => ({
    ...resource,
    scopeSpans: resource.scopeSpans.map((scope) => ({
      ...scope,
      spans: scope.spans.map((span) => ({
        ...span,
        name: nameOf(span.name, span.attributes),
        attributes: redactAttributes(span.attributes),
        events: span.events.map((event) => ({
          ...event,
          name: redactText(event.name),
          attributes: redactAttributes(event.attributes)
        })),
        links: span.links.map((link) => ({ ...link, attributes: redactAttributes(link.attributes) })),
        status:
          span.status.message === undefined ? span.status : { ...span.status, message: redactText(span.status.message) }
      }))
    }))
  }))
})

/**
 * The one place that everything passes through that leaves by OTLP: whatever wrote a secret into a span or a log entry,
 * it ends here. Spans of requests are named after their route (OpenTelemetry's conventions for HTTP) on the way.
 */
export const RedactedExport = Layer.effect(
  OtlpSerialization.OtlpSerialization,
  Effect.map(OtlpSerialization.OtlpSerialization, ({ logs, metrics, traces }) => ({
    logs: (data: OtlpLogger.LogsData) => logs(redactLogs(data)),
    metrics,
    traces: (data: OtlpTracer.TraceData) => traces(redactTraces(data))
  }))
)
