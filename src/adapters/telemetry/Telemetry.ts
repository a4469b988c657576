import { Duration, Layer, References } from "effect"
import { FetchHttpClient, Headers, UrlParams } from "effect/http"
import { Otlp, OtlpSerialization } from "effect/observability"
import { randomUUID } from "node:crypto"
import { Logging, type LoggingOptions } from "./Logging.ts"
import { RedactedExport } from "./RedactedExport.ts"

export interface TelemetryOptions extends LoggingOptions {
  /** The base of an OTLP collector, such as `http://localhost:4318`. Without it nothing is traced. */
  readonly otlpEndpoint: string | undefined
  /** Protobuf is what every collector reads. */
  readonly otlpFormat?: "protobuf" | "json"
}

/** At the end, for what has not been sent yet. */
const shutdownTimeout = Duration.seconds(2)

/** Beside the names that Effect redacts anyway: what addresses and headers of ours carry. */
const RedactedNames = Layer.mergeAll(
  Layer.succeed(UrlParams.CurrentRedactedNames, [
    ...UrlParams.CurrentRedactedNames.defaultValue(),
    /token|secret|password|passcode|api[_-]?key|^code$/i
  ]),
  Layer.succeed(Headers.CurrentRedactedNames, [
    ...Headers.CurrentRedactedNames.defaultValue(),
    "proxy-authorization",
    /token|secret|api-?key/i
  ])
)

/** Counters of several processes would otherwise be taken for one that jumps. */
const resource = () => ({ serviceName: "rookery", attributes: { "service.instance.id": randomUUID() } })

const Export = (endpoint: string, format: "protobuf" | "json") =>
  Otlp.layer({ baseUrl: endpoint, resource: resource(), compression: "gzip", shutdownTimeout }).pipe(
    Layer.provide(RedactedExport),
    Layer.provide(format === "json" ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf),
    Layer.provide(FetchHttpClient.layer)
  )

/** Spans are neither made nor kept where nobody collects them. */
const Untraced = Layer.succeed(References.TracerEnabled, false)

/**
 * Logs on the console and, with an endpoint, logs, traces and metrics over OTLP. Secrets are in none of them. Everything
 * else is built with it, for it decides where logs and spans go.
 */
export const Telemetry = ({ format, level, otlpEndpoint, otlpFormat = "protobuf" }: TelemetryOptions) =>
  Layer.mergeAll(RedactedNames, otlpEndpoint === undefined ? Untraced : Export(otlpEndpoint, otlpFormat)).pipe(
    // Below it: the export of logs adds itself to the loggers that it finds.
    Layer.provideMerge(Logging({ format, level }))
  )
