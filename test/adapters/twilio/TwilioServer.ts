import { Effect } from "effect"
import type { ServerResponse } from "node:http"
import { type Received, upstreamServer } from "../upstream/UpstreamServer.ts"

export const accountSid = "AC0123456789abcdef0123456789abcdef"
export const authToken = "a token: with / and +"
export const from = "+15005550006"

export interface TwilioMessage {
  readonly to: string
  readonly from: string
  readonly text: string
}

export type Answer = (response: ServerResponse, message: TwilioMessage) => void

/** Of Twilio's errors the words quote what was sent. */
export const refusing =
  (status: number, code: number, headers: Record<string, string> = {}): Answer =>
  (response, { to }) =>
    send(response, status, { code, message: `The 'To' number ${to} is refused`, status }, headers)

const send = (response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}) =>
  void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body))

const accepted: Answer = (response, { from, text, to }) =>
  send(response, 201, { sid: `SM${"0".repeat(32)}`, status: "queued", to, from, body: text, error_code: null })

/** What Twilio says of a request that is not as its API wants it; undefined where it is. */
const complaint = ({ body, headers, method, path }: Received): readonly [status: number, code: number] | undefined => {
  if (method !== "POST" || path !== `/2010-04-01/Accounts/${accountSid}/Messages.json`) return [404, 20404]
  const credentials = Buffer.from(`${accountSid}:${authToken}`, "utf8").toString("base64")
  if (headers["authorization"] !== `Basic ${credentials}`) return [401, 20003]
  if (!/^application\/x-www-form-urlencoded\b/.test(headers["content-type"] ?? "")) return [415, 20415]
  const form = new URLSearchParams(body)
  if (!/^\+\d{7,15}$/.test(form.get("To") ?? "")) return [400, 21211]
  if (form.get("From") !== from) return [400, 21606]
  if (form.get("Body") === null || [...form.keys()].toSorted().join() !== "Body,From,To") return [400, 21602]
}

/** A stand-in for Twilio: takes only requests that its API would take, and keeps the messages in them. */
export const twilioServer = (answer: Answer = accepted) =>
  Effect.gen(function* () {
    const messages: Array<TwilioMessage> = []
    let answering = answer
    const { connections, port, received } = yield* upstreamServer((response, request) => {
      const wrong = complaint(request)
      const form = new URLSearchParams(request.body)
      const message = { to: form.get("To") ?? "", from: form.get("From") ?? "", text: form.get("Body") ?? "" }
      if (wrong !== undefined) return refusing(...wrong)(response, message)
      messages.push(message)
      answering(response, message)
    })
    return {
      url: `http://127.0.0.1:${port}`,
      port,
      connections,
      /** Every request, whatever was said of it. */
      received,
      /** Those that were as they should be. */
      messages,
      answer: (next: Answer = accepted) => void (answering = next)
    }
  })
