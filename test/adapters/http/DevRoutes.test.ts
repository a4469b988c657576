import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { DevOutboxInProcess } from "../../../src/adapters/devoutbox/DevOutboxInProcess.ts"
import { DevRoutes } from "../../../src/adapters/http/DevRoutes.ts"
import { HttpServer } from "../../../src/adapters/http/HttpServer.ts"
import { RequestPipeline } from "../../../src/adapters/http/RequestPipeline.ts"
import { RouteTable } from "../../../src/adapters/http/RouteTable.ts"
import { MemoryWorld } from "../../../src/adapters/memory/MemoryWorld.ts"
import { OutboxMemory } from "../../../src/adapters/memory/OutboxMemory.ts"
import { DevOutbox, UnsentMessage } from "../../../src/domain/shared/DevOutbox.ts"
import { RateLimits } from "../../../src/domain/shared/RateLimits.ts"
import { ask } from "./docs/DocsServer.ts"

const DevServer = HttpServer(
  DevRoutes({ trustedProxies: 0 }).pipe(
    Layer.provideMerge(RequestPipeline({ development: true, trustedProxies: 0, corsOrigins: ["*"] }))
  ),
  { host: "127.0.0.1", port: 0 }
).pipe(
  Layer.provide([
    RouteTable.layer([]),
    SecureRandom.layerWebCrypto,
    Layer.succeed(RateLimits, { consume: () => Effect.succeed(undefined) })
  ]),
  Layer.provide(OutboxMemory.pipe(Layer.provide(MemoryWorld.layer))),
  Layer.provideMerge(DevOutboxInProcess)
)

const message = (to: string, changes: Partial<UnsentMessage> = {}) =>
  new UnsentMessage({
    channel: "mail",
    to,
    subject: "Confirm your e-mail address",
    text: "https://rookery.example/verify/abc\n",
    createdAt: DateTime.makeUnsafe("2026-11-20T16:42:10.123Z"),
    ...changes
  })

const read = (query: string) =>
  Effect.map(ask(`/dev/outbox${query}`), ({ body, status }) => {
    assert.strictEqual(status, 200)
    return JSON.parse(body.toString()) as ReadonlyArray<Record<string, unknown>>
  })
const recipients = (query: string) => Effect.map(read(query), (listed) => listed.map(({ to }) => to))

layer(DevServer)("GET /dev/outbox", (it) => {
  it.effect("lists what would have gone out, the newest first, and what of it went to whom", () =>
    Effect.gen(function* () {
      const outbox = yield* DevOutbox
      assert.deepStrictEqual(yield* read(""), [])
      yield* outbox.add(message("Ada+tag@Example.com"))
      yield* outbox.add(message("eve@example.com"))
      yield* outbox.add(message("1234567890", { channel: "sms", subject: null, text: "123456" }))
      assert.deepStrictEqual(yield* recipients(""), ["1234567890", "eve@example.com", "Ada+tag@Example.com"])
      assert.deepStrictEqual(yield* recipients("/?to="), ["1234567890", "eve@example.com", "Ada+tag@Example.com"])
      const [mail] = yield* read("?to=ada%2Btag@example.com")
      assert.deepStrictEqual(mail, {
        channel: "mail",
        to: "Ada+tag@Example.com",
        subject: "Confirm your e-mail address",
        text: "https://rookery.example/verify/abc\n",
        created_at: "2026-11-20T16:42:10.123Z"
      })
      assert.deepStrictEqual(yield* read("?to=ada+tag@example.com"), [mail])
      const [sms] = yield* read("?to=+1234567890")
      assert.deepStrictEqual([sms?.to, sms?.channel, sms?.subject], ["1234567890", "sms", null])
      assert.deepStrictEqual(yield* recipients("?to=nobody@example.com&to=eve@example.com"), ["eve@example.com"])
      assert.deepStrictEqual(yield* recipients("?to=nobody@example.com"), [])
    })
  )

  it.effect("is kept by nobody, and has no other methods", () =>
    Effect.gen(function* () {
      const { headers } = yield* ask("/dev/outbox")
      assert.strictEqual(headers["cache-control"], "no-store")
      assert.strictEqual(headers["content-type"], "application/json")
      const head = yield* ask("/dev/outbox", {}, "HEAD")
      assert.deepStrictEqual([head.status, head.body.byteLength], [200, 0])
      for (const method of ["POST", "DELETE"]) {
        const refused = yield* ask("/dev/outbox", {}, method)
        assert.strictEqual(refused.status, 405)
        assert.strictEqual(refused.headers.allow, "GET, HEAD, OPTIONS")
      }
      const options = yield* ask("/dev/outbox", {}, "OPTIONS")
      assert.deepStrictEqual([options.status, options.headers.allow], [204, "GET, HEAD, OPTIONS"])
    })
  )

  it.effect("is no route to whom it is not for", () =>
    Effect.gen(function* () {
      const strangers: ReadonlyArray<Record<string, string>> = [
        { host: "rebound.example" },
        { origin: "https://rebound.example" },
        { "x-forwarded-for": "203.0.113.9" }
      ]
      const known = ["x-request-id", "date"]
      for (const headers of strangers) {
        for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
          const [there, nowhere] = [
            yield* ask("/dev/outbox", headers, method),
            yield* ask("/dev/nothing", headers, method)
          ]
          assert.strictEqual(there.status, 404)
          assert.strictEqual(there.body.toString(), nowhere.body.toString())
          const told = (answer: typeof there) =>
            Object.entries(answer.headers).filter(([name]) => !known.includes(name))
          assert.deepStrictEqual(told(there), told(nowhere))
        }
      }
    })
  )
})
