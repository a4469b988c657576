import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { DateTime, Duration, Effect, Layer, Predicate, type Redacted, Stream } from "effect"
import { HttpClient, type HttpClientError, HttpClientRequest, type HttpClientResponse } from "effect/http"
import { type Sms, SmsSender, SmsUnavailable } from "../../domain/shared/SmsSender.ts"
import { verdict } from "./TwilioAnswer.ts"

export interface SmsSenderTwilioOptions {
  readonly accountSid: string
  readonly authToken: Redacted.Redacted<string>
  /** The number, or the name, that SMS come from, as Twilio has it. */
  readonly from: string
  /** Without what follows it: `https://api.twilio.com`. */
  readonly baseUrl: string
  /** For one try, from connecting to the last byte of the answer. 10 seconds if absent. */
  readonly timeout?: Duration.Duration
}

/** Errors are short. What is longer is none of Twilio's, and is read no further. */
const mostAnswerBytes = 64 * 1024

/** A code such as `ECONNREFUSED` says enough. Messages are left out: they can quote the request. */
const failure = ({ reason }: HttpClientError.HttpClientError) => {
  const cause = "cause" in reason ? reason.cause : undefined
  const code = Predicate.hasProperty(cause, "code") && Predicate.isString(cause.code) ? cause.code : reason._tag
  return new SmsUnavailable({ reason: `could not be reached: ${code}` })
}

/** To its end, so that the connection serves again, or as far as it is worth. */
const readBody = Effect.fnUntraced(function* ({ stream }: HttpClientResponse.HttpClientResponse) {
  const chunks: Array<Uint8Array> = []
  let read = 0
  yield* Stream.runForEachWhile(stream, (chunk) =>
    Effect.sync(() => {
      read += chunk.length
      if (read <= mostAnswerBytes) chunks.push(chunk)
      return read <= mostAnswerBytes
    })
  )
  return Buffer.concat(chunks).toString("utf8")
})

/** The SMS was taken: whatever becomes of the rest of the answer, it must not be sent again. */
const discard = (response: HttpClientResponse.HttpClientResponse) =>
  readBody(response).pipe(Effect.timeoutOption(Duration.seconds(1)), Effect.ignore)

/**
 * Sends SMS by Twilio's REST API (https://www.twilio.com/docs/messaging/api/message-resource). A redirect is not followed:
 * it would carry the credentials elsewhere.
 */
export const SmsSenderTwilio = (options: SmsSenderTwilioOptions) =>
  Layer.effect(
    SmsSender,
    Effect.gen(function* () {
      const client = HttpClient.withScope(yield* HttpClient.HttpClient)
      const { accountSid, authToken, baseUrl, from, timeout = Duration.seconds(10) } = options
      const account = encodeURIComponent(accountSid)
      const request = HttpClientRequest.post(`${baseUrl}/2010-04-01/Accounts/${account}/Messages.json`, {
        acceptJson: true,
        headers: { "user-agent": "rookery" }
      }).pipe(HttpClientRequest.basicAuth(accountSid, authToken))
      const late = new SmsUnavailable({ reason: `did not answer within ${Duration.format(timeout)}` })

      const send = Effect.fn("SmsSender.send")(
        function* ({ text, to }: Sms) {
          const response = yield* request.pipe(
            HttpClientRequest.bodyUrlParams({ To: `+${to}`, From: from, Body: text }),
            client.execute
          )
          const { headers, status } = response
          if (status >= 200 && status < 300) return yield* discard(response)
          const answer = { status, retryAfter: headers["retry-after"], body: yield* readBody(response) }
          return yield* verdict(answer, yield* DateTime.now)
        },
        Effect.scoped,
        Effect.catchTag("HttpClientError", (error) => Effect.fail(failure(error))),
        Effect.timeoutOrElse({ duration: timeout, orElse: () => Effect.fail(late) }),
        // The client's own span would show the whole URL.
        Effect.provideService(HttpClient.TracerDisabledWhen, () => true)
      )

      return SmsSender.of({ send })
    })
  ).pipe(Layer.provide(NodeHttpClient.layerUndici))
