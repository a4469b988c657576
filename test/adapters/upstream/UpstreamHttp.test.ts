import { assert, describe, it } from "@effect/vitest"
import { HTTP } from "cloudevents"
import { DateTime, Duration, Effect, Layer, Redacted } from "effect"
import type { ServerResponse } from "node:http"
import { Webhook } from "standardwebhooks"
import { Upstream } from "../../../src/domain/contacts/Upstream.ts"
import type { CloudEvent } from "../../../src/domain/events/CloudEvent.ts"
import { UpstreamHttp, type UpstreamHttpOptions } from "../../../src/adapters/upstream/UpstreamHttp.ts"
import { type Received, upstreamServer } from "./UpstreamServer.ts"

const secret = `whsec_${Buffer.from("a secret that is long enough").toString("base64")}`

const event: CloudEvent = {
  specversion: "1.0",
  id: "0b0c3f5e-6c2f-4a39-9d4f-0a4a1c1d2e3f",
  source: "https://rookery.example.com",
  type: "rookery.notes.created",
  subject: "contacts/1/notes/2",
  time: DateTime.makeUnsafe("2026-11-20T12:00:00Z"),
  datacontenttype: "application/json",
  data: { id: 2, contact_id: 1, user_id: 3, body: "Grüße \u{1f426}" }
}

type Options = Partial<Omit<UpstreamHttpOptions, "url">> & { readonly url?: string }

const adapter = (port: number, options: Options = {}) =>
  UpstreamHttp({
    secret: Redacted.make(secret),
    timeout: Duration.seconds(5),
    ...options,
    url: Redacted.make(options.url ?? `http://127.0.0.1:${port}/hook?team=birds`)
  })

const delivering = (port: number, options?: Options) =>
  Upstream.use((upstream) => upstream.deliver(event)).pipe(Effect.provide(Layer.orDie(adapter(port, options))))

const answering = (status: number, headers: Record<string, string> = {}, body = "") => {
  return (response: ServerResponse) => void response.writeHead(status, headers).end(body)
}
const ok = answering(204)

describe("UpstreamHttp", () => {
  it.live("posts the event so that a CloudEvents SDK reads it", () =>
    Effect.gen(function* () {
      const { port, received } = yield* upstreamServer(ok)
      yield* delivering(port)
      const [request] = received as [Received]
      assert.strictEqual(request.method, "POST")
      assert.strictEqual(request.path, "/hook?team=birds")
      assert.match(request.headers["content-type"] ?? "", /^application\/cloudevents\+json/)
      const read = HTTP.toEvent({ headers: request.headers, body: request.body })
      assert.isFalse(Array.isArray(read))
      assert.deepInclude(JSON.parse(JSON.stringify(read)), {
        ...event,
        time: "2026-11-20T12:00:00.000Z"
      })
    })
  )

  it.live("signs so that a Standard Webhooks library accepts it, and nothing else of that event", () =>
    Effect.gen(function* () {
      const { port, received } = yield* upstreamServer(ok)
      yield* delivering(port)
      const [{ body, headers }] = received as [Received]
      assert.strictEqual(headers["webhook-id"], event.id)
      new Webhook(secret).verify(body, headers)
      assert.throws(() => new Webhook(secret).verify(`${body} `, headers))
      assert.throws(() => new Webhook(`whsec_${btoa("another secret, also long")}`).verify(body, headers))
      assert.throws(() => new Webhook(secret).verify(body, { ...headers, "webhook-timestamp": "1700000000" }))
    })
  )

  it.live("takes any text of 24 bytes as a secret", () =>
    Effect.gen(function* () {
      const { port, received } = yield* upstreamServer(ok)
      const text = "correct horse battery staple"
      yield* delivering(port, { secret: Redacted.make(text) })
      const [{ body, headers }] = received as [Received]
      new Webhook(text, { format: "raw" }).verify(body, headers)
    })
  )

  it.live("starts with no secret that is too short or no Base64, and does not show it", () =>
    Effect.gen(function* () {
      for (const unusable of ["short", `whsec_${btoa("too short")}`, "whsec_!!! not base64 at all, but long"]) {
        const error = yield* Effect.flip(Layer.build(adapter(1, { secret: Redacted.make(unusable) })))
        assert.strictEqual(error._tag, "WebhookSecretTooShort")
        assert.notInclude(error.message, unusable)
      }
    })
  )

  for (const status of [200, 201, 202, 204]) {
    it.live(`is done when the answer is ${status}`, () =>
      Effect.gen(function* () {
        const { port } = yield* upstreamServer(answering(status))
        yield* delivering(port)
      })
    )
  }

  for (const status of [400, 401, 403, 404, 409, 410, 413, 422, 451]) {
    it.live(`is rejected for good when the answer is ${status}`, () =>
      Effect.gen(function* () {
        const { port } = yield* upstreamServer(answering(status))
        const error = yield* Effect.flip(delivering(port))
        assert.strictEqual(error._tag, "UpstreamRejected")
        assert.strictEqual(error.reason, `answered ${status}`)
      })
    )
  }

  for (const status of [301, 302, 303, 307, 308]) {
    it.live(`follows no ${status}, which is final`, () =>
      Effect.gen(function* () {
        const elsewhere = yield* upstreamServer(ok)
        const { port } = yield* upstreamServer(answering(status, { location: `http://127.0.0.1:${elsewhere.port}/` }))
        const error = yield* Effect.flip(delivering(port))
        assert.strictEqual(error._tag, "UpstreamRejected")
        assert.lengthOf(elsewhere.received, 0)
      })
    )
  }

  for (const status of [408, 425, 429, 500, 502, 503, 504, 599]) {
    it.live(`is worth another try when the answer is ${status}`, () =>
      Effect.gen(function* () {
        const { port } = yield* upstreamServer(answering(status))
        const error = yield* Effect.flip(delivering(port))
        assert.strictEqual(error._tag, "UpstreamUnavailable")
        assert.strictEqual(error.reason, `answered ${status}`)
      })
    )
  }

  it.live("tells how long it was asked to wait", () =>
    Effect.gen(function* () {
      const { port } = yield* upstreamServer(answering(503, { "retry-after": "120" }))
      const error = yield* Effect.flip(delivering(port))
      assert.deepInclude(error, { _tag: "UpstreamUnavailable", retryAfter: Duration.minutes(2) })
    })
  )

  it.live("is unavailable when nobody listens", () =>
    Effect.gen(function* () {
      const { port } = yield* Effect.scoped(upstreamServer(ok))
      const error = yield* Effect.flip(delivering(port))
      assert.strictEqual(error._tag, "UpstreamUnavailable")
      assert.strictEqual(error.reason, "could not be reached: ECONNREFUSED")
    })
  )

  it.live("is unavailable when the connection breaks before or within the answer", () =>
    Effect.gen(function* () {
      const before = yield* upstreamServer((response) => void response.destroy())
      assert.strictEqual((yield* Effect.flip(delivering(before.port)))._tag, "UpstreamUnavailable")
      const within = yield* upstreamServer((response) => {
        response.writeHead(200, { "content-length": "100" }).write("half")
        setTimeout(() => response.destroy(), 10)
      })
      assert.strictEqual((yield* Effect.flip(delivering(within.port)))._tag, "UpstreamUnavailable")
    })
  )

  it.live("gives up waiting for the answer, and for the end of its body", () =>
    Effect.gen(function* () {
      const silent = yield* upstreamServer(() => {})
      const dripping = yield* upstreamServer((response) => {
        response.writeHead(200)
        const drip = setInterval(() => response.write("."), 20)
        response.on("close", () => clearInterval(drip))
      })
      for (const { port } of [silent, dripping]) {
        const error = yield* Effect.flip(delivering(port, { timeout: Duration.millis(150) }))
        assert.strictEqual(error._tag, "UpstreamUnavailable")
        assert.strictEqual(error.reason, "did not answer within 150ms")
      }
    })
  )

  it.live("reads no more than a little of a body without end", () =>
    Effect.gen(function* () {
      let written = 0
      const { port } = yield* upstreamServer((response) => {
        response.writeHead(200)
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536))) written += 65_536
        }
        response.on("drain", more)
        more()
      })
      yield* delivering(port)
      assert.isBelow(written, 64 * 1024 * 1024)
    })
  )

  it.live("sends the credentials of the URL as a header, and shows them in no error", () =>
    Effect.gen(function* () {
      const { port, received } = yield* upstreamServer(answering(500))
      const error = yield* Effect.flip(delivering(port, { url: `http://bird:p%40ss@127.0.0.1:${port}/hook` }))
      assert.strictEqual(received[0]?.headers["authorization"], `Basic ${btoa("bird:p@ss")}`)
      const away = yield* Effect.flip(delivering(1, { url: "http://bird:p%40ss@127.0.0.1:1/hook?token=abc" }))
      for (const shown of [String(error), JSON.stringify(error), String(away), JSON.stringify(away)]) {
        assert.notMatch(shown, /bird|p%40ss|p@ss|abc|hook/)
      }
    })
  )

  it.live("uses connections again", () =>
    Effect.gen(function* () {
      const server = yield* upstreamServer(answering(200, {}, "thank you"))
      yield* Effect.gen(function* () {
        const upstream = yield* Upstream
        for (let n = 0; n < 20; n++) yield* upstream.deliver(event)
      }).pipe(Effect.provide(adapter(server.port)))
      assert.lengthOf(server.received, 20)
      assert.isAtMost(server.connections(), 2)
    })
  )
})
