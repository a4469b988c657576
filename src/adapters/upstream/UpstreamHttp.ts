import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { DateTime, Duration, Effect, Layer, Predicate, Redacted, Schema, Stream } from "effect"
import { HttpClient, type HttpClientError, HttpClientRequest, type HttpClientResponse } from "effect/http"
import { Upstream, UpstreamRejected, UpstreamUnavailable } from "../../domain/contacts/Upstream.ts"
import { type CloudEvent, cloudEventMediaType, encodeCloudEvent } from "../../domain/events/CloudEvent.ts"
import { retryAfter } from "../../domain/shared/RetryAfter.ts"
import { webhookHeaders, WebhookSecret, WebhookSecretTooShort } from "./WebhookSignature.ts"

export interface UpstreamHttpOptions {
  /** Where events are posted to, `http` or `https`. A user and password in it are sent as Basic credentials. */
  readonly url: Redacted.Redacted<string>
  /** What they are signed with, see {@link WebhookSecret}. */
  readonly secret: Redacted.Redacted<string>
  /** For one try, from connecting to the last byte of the answer. */
  readonly timeout: Duration.Duration
}

/** Of an answer's body nothing is kept, and no more than this is read. */
const mostAnswerBytes = 64 * 1024

/** Statuses that ask for another try; every 5xx does too. */
const passing = new Set([408, 425, 429])

/** The request that all events have in common. Neither its credentials nor its URL appear in any error or span. */
const requestTo = (redacted: Redacted.Redacted<string>) => {
  const url = new URL(Redacted.value(redacted))
  const { password, username } = url
  url.username = ""
  url.password = ""
  const request = HttpClientRequest.post(url, { headers: { "user-agent": "rookery" } })
  return username === "" && password === ""
    ? request
    : HttpClientRequest.basicAuth(request, decodeURIComponent(username), decodeURIComponent(password))
}

/** A code such as `ECONNREFUSED` says enough. Messages are left out: they can quote the request. */
const failure = ({ reason }: HttpClientError.HttpClientError) => {
  const cause = "cause" in reason ? reason.cause : undefined
  const code = Predicate.hasProperty(cause, "code") && Predicate.isString(cause.code) ? cause.code : reason._tag
  return new UpstreamUnavailable({ reason: `could not be reached: ${code}` })
}

const verdict = Effect.fnUntraced(function* (response: HttpClientResponse.HttpClientResponse) {
  const { status } = response
  const reason = `answered ${status}`
  if (status >= 200 && status < 300) return
  if (status < 500 && !passing.has(status)) return yield* new UpstreamRejected({ reason })
  const asked = retryAfter(response.headers["retry-after"], yield* DateTime.now)
  return yield* new UpstreamUnavailable({ reason, ...(asked === undefined ? undefined : { retryAfter: asked }) })
})

/** Reads the answer to its end, so that the connection serves again, unless that is further than it is worth. */
const discard = (response: HttpClientResponse.HttpClientResponse) => {
  let read = 0
  return Stream.runForEachWhile(response.stream, (chunk) =>
    Effect.sync(() => {
      read += chunk.length
      return read <= mostAnswerBytes
    })
  )
}

/**
 * Posts each event in structured mode (CloudEvents HTTP binding 3.2), signed as Standard Webhooks has it. A redirect is
 * not followed: it is an answer that is not 2xx.
 */
export const UpstreamHttp = (options: UpstreamHttpOptions) =>
  Layer.effect(
    Upstream,
    Effect.gen(function* () {
      const client = HttpClient.withScope(yield* HttpClient.HttpClient)
      const sign = webhookHeaders(options.secret)
      if (!Schema.is(WebhookSecret)(Redacted.value(options.secret))) return yield* new WebhookSecretTooShort()
      const request = requestTo(options.url)
      const late = new UpstreamUnavailable({ reason: `did not answer within ${Duration.format(options.timeout)}` })

      const deliver = Effect.fn("Upstream.deliver")(
        function* (event: CloudEvent) {
          const body = encodeCloudEvent(event)
          const now = yield* DateTime.now
          const timestamp = Math.floor(DateTime.toEpochMillis(now) / 1000)
          const response = yield* request.pipe(
            HttpClientRequest.setHeaders(sign({ id: event.id, timestamp, body })),
            HttpClientRequest.bodyText(body, cloudEventMediaType),
            client.execute
          )
          yield* discard(response)
          return yield* verdict(response)
        },
        Effect.scoped,
        Effect.catchTag("HttpClientError", (error) => Effect.fail(failure(error))),
        Effect.timeoutOrElse({ duration: options.timeout, orElse: () => Effect.fail(late) }),
        // The client's own span would show the whole URL.
        Effect.provideService(HttpClient.TracerDisabledWhen, () => true)
      )

      return Upstream.of({ deliver })
    })
  ).pipe(Layer.provide(NodeHttpClient.layerUndici))
