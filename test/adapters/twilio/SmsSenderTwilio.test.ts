import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Logger, Redacted, Tracer } from "effect"
import type { ServerResponse } from "node:http"
import { inspect } from "node:util"
import { SmsSenderTwilio, type SmsSenderTwilioOptions } from "../../../src/adapters/twilio/SmsSenderTwilio.ts"
import { SmsSender } from "../../../src/domain/shared/SmsSender.ts"
import { adasPhone, Phones, smsSenderContract, smsTo } from "../../contracts/smsSenderContract.ts"
import { upstreamServer } from "../upstream/UpstreamServer.ts"
import { accountSid, authToken, from, refusing, twilioServer } from "./TwilioServer.ts"

const adapter = (baseUrl: string, options: Partial<SmsSenderTwilioOptions> = {}) =>
  SmsSenderTwilio({ accountSid, authToken: Redacted.make(authToken), from, baseUrl, ...options })

const sms = smsTo(adasPhone, "654321 is your code")
const sending = (baseUrl: string, options?: Partial<SmsSenderTwilioOptions>) =>
  SmsSender.use((sender) => sender.send(sms)).pipe(Effect.provide(adapter(baseUrl, options)))

smsSenderContract(
  "Twilio",
  Layer.unwrap(
    Effect.map(twilioServer(), ({ messages, url }) =>
      Layer.merge(
        adapter(url),
        Layer.succeed(Phones, {
          received: Effect.sync(() => messages.splice(0).map(({ text, to }) => ({ to: to.replace(/^\+/, ""), text })))
        })
      )
    )
  )
)

const plain = (status: number, headers: Record<string, string> = {}, body = "") => {
  return (response: ServerResponse) => void response.writeHead(status, headers).end(body)
}

describe("SmsSenderTwilio", () => {
  it.live("asks as Twilio's API wants it: who, from whom, what, and with which account", () =>
    Effect.gen(function* () {
      const { messages, received, url } = yield* twilioServer()
      yield* sending(url)
      assert.deepStrictEqual(messages, [{ to: `+${adasPhone}`, from, text: sms.text }])
      assert.strictEqual(received[0]?.headers["accept"], "application/json")
      assert.notInclude(received[0]?.path ?? "", adasPhone)
    })
  )

  it.live("reaches an API that lies under a path", () =>
    Effect.gen(function* () {
      const { port, received } = yield* upstreamServer(plain(201))
      yield* sending(`http://127.0.0.1:${port}/proxy/twilio`)
      assert.strictEqual(received[0]?.path, `/proxy/twilio/2010-04-01/Accounts/${accountSid}/Messages.json`)
    })
  )

  for (const status of [200, 201, 202, 204]) {
    it.live(`is done when the answer is ${status}`, () =>
      Effect.flatMap(upstreamServer(plain(status)), ({ port }) => sending(`http://127.0.0.1:${port}`))
    )
  }

  it.live("is done as soon as the SMS was taken, whatever becomes of the rest of the answer", () =>
    Effect.gen(function* () {
      const broken = yield* upstreamServer((response) => {
        response.writeHead(201, { "content-length": "100" }).write("{")
        setTimeout(() => response.destroy(), 10)
      })
      const unending = yield* upstreamServer((response) => {
        response.writeHead(201)
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        }
        response.on("drain", more)
        more()
      })
      for (const { port } of [broken, unending]) yield* sending(`http://127.0.0.1:${port}`)
    })
  )

  it.live.each([
    [400, 21211],
    [400, 21408],
    [400, 21610],
    [400, 21614],
    [400, 30_034],
    [422, 99_999]
  ])("is rejected for good when the answer is %d with error %d", ([status, code]) =>
    Effect.gen(function* () {
      const { url } = yield* twilioServer(refusing(status, code))
      const error = yield* Effect.flip(sending(url))
      assert.strictEqual(error._tag, "SmsRejected")
      assert.strictEqual(error.reason, `answered ${status} (error ${code})`)
    })
  )

  it.live.each([
    // Ours to mend, or too much at once, whatever the status.
    [400, 21606],
    [400, 21212],
    [400, 21611],
    [400, 14107],
    [401, 20003],
    [403, 20005],
    [404, 20404],
    [429, 20429],
    [500, 20500],
    [503, 20503]
  ])("is worth another try when the answer is %d with error %d", ([status, code]) =>
    Effect.gen(function* () {
      const { url } = yield* twilioServer(refusing(status, code))
      const error = yield* Effect.flip(sending(url))
      assert.strictEqual(error._tag, "SmsUnavailable")
      assert.strictEqual(error.reason, `answered ${status} (error ${code})`)
    })
  )

  it.live.each([
    [400, "SmsRejected"],
    [422, "SmsRejected"],
    [401, "SmsUnavailable"],
    [408, "SmsUnavailable"],
    [425, "SmsUnavailable"],
    [502, "SmsUnavailable"],
    [301, "SmsUnavailable"],
    [304, "SmsUnavailable"]
  ] as const)("goes by the status %d where the answer names no error", ([status, tag]) =>
    Effect.gen(function* () {
      for (const body of ["", "<html>no</html>", "{", '{"code":"21211"}', "null", '{"code":1e999}']) {
        const { port } = yield* upstreamServer(plain(status, {}, status === 304 ? "" : body))
        const error = yield* Effect.flip(sending(`http://127.0.0.1:${port}`))
        assert.strictEqual(error._tag, tag)
        assert.strictEqual(error.reason, `answered ${status}`)
      }
    })
  )

  it.live("tells how long it was asked to wait", () =>
    Effect.gen(function* () {
      const { url } = yield* twilioServer(refusing(429, 20429, { "retry-after": "120" }))
      assert.deepInclude(yield* Effect.flip(sending(url)), { retryAfter: Duration.minutes(2) })
    })
  )

  it.live("lets the account's credentials go nowhere else", () =>
    Effect.gen(function* () {
      const elsewhere = yield* upstreamServer(plain(201))
      for (const status of [301, 302, 307, 308]) {
        const location = `http://127.0.0.1:${elsewhere.port}/`
        const { port } = yield* upstreamServer(plain(status, { location }))
        yield* Effect.flip(sending(`http://127.0.0.1:${port}`))
      }
      assert.lengthOf(elsewhere.received, 0)
    })
  )

  it.live("gives up waiting for the answer, and for the end of one that refuses", () =>
    Effect.gen(function* () {
      const silent = yield* upstreamServer(() => {})
      const dripping = yield* upstreamServer((response) => {
        response.writeHead(400)
        const drip = setInterval(() => response.write("."), 20)
        response.on("close", () => clearInterval(drip))
      })
      for (const { port } of [silent, dripping]) {
        const error = yield* Effect.flip(sending(`http://127.0.0.1:${port}`, { timeout: Duration.millis(150) }))
        assert.strictEqual(error._tag, "SmsUnavailable")
        assert.strictEqual(error.reason, "did not answer within 150ms")
      }
    })
  )

  it.live("reads no more than a little of a refusal without end", () =>
    Effect.gen(function* () {
      let written = 0
      const { port } = yield* upstreamServer((response) => {
        response.writeHead(400)
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536))) written += 65_536
        }
        response.on("drain", more)
        more()
      })
      assert.strictEqual((yield* Effect.flip(sending(`http://127.0.0.1:${port}`)))._tag, "SmsRejected")
      assert.isBelow(written, 64 * 1024 * 1024)
    })
  )

  it.live("is unavailable when nobody listens, or the connection breaks", () =>
    Effect.gen(function* () {
      const { port } = yield* Effect.scoped(upstreamServer(plain(201)))
      const away = yield* Effect.flip(sending(`http://127.0.0.1:${port}`))
      assert.deepInclude(away, { _tag: "SmsUnavailable", reason: "could not be reached: ECONNREFUSED" })
      const broken = yield* upstreamServer((response) => void response.destroy())
      assert.strictEqual((yield* Effect.flip(sending(`http://127.0.0.1:${broken.port}`)))._tag, "SmsUnavailable")
    })
  )

  it.live("shows neither number nor text nor credentials in errors, logs and spans", () =>
    Effect.gen(function* () {
      const shown: Array<string> = []
      const spans: Array<Tracer.Span> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      const logger = Logger.layer([
        Logger.make(({ cause, message }) => void shown.push(String(message), String(cause)))
      ])
      const refused = yield* twilioServer(refusing(400, 21211))
      const unauthorized = yield* twilioServer()
      for (const [url, token] of [
        [refused.url, authToken],
        [unauthorized.url, "another token"],
        ["http://127.0.0.1:1", authToken]
      ] as const) {
        const error = yield* Effect.flip(sending(url, { authToken: Redacted.make(token) })).pipe(
          Effect.withTracer(tracer),
          Effect.provide(logger)
        )
        shown.push(String(error), JSON.stringify(error), error.stack ?? "", String(error.cause))
      }
      assert.isAbove(spans.length, 2)
      for (const span of spans)
        shown.push(span.name, JSON.stringify([...span.attributes]), inspect(span.status, { depth: 9 }))
      for (const text of shown)
        assert.notMatch(text, /15112345678|654321|a token|another token|AC0123456789|QUMwMTIz|15005550006/)
    })
  )

  it.live("uses connections again", () =>
    Effect.gen(function* () {
      const server = yield* twilioServer()
      yield* Effect.gen(function* () {
        const sender = yield* SmsSender
        for (let n = 0; n < 20; n++) yield* sender.send(sms)
      }).pipe(Effect.provide(adapter(server.url)))
      assert.lengthOf(server.messages, 20)
      assert.isAtMost(server.connections(), 2)
    })
  )
})
