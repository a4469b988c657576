import { createServer } from "node:http"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Metric, Scope, Tracer } from "effect"
import { HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { TestConsole } from "effect/testing"
import { Telemetry } from "../../../src/adapters/telemetry/Telemetry.ts"
import { otlpCollector } from "./OtlpCollector.ts"

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

const App = HttpRouter.serve(
  HttpRouter.use(
    Effect.fnUntraced(function* (router) {
      const answer = Effect.gen(function* () {
        yield* Effect.logInfo(`Served ${jwt}`).pipe(Effect.annotateLogs({ refresh_token: "abc-1", requestId: "r-1" }))
        yield* Effect.annotateCurrentSpan({ secret: "abc-2", plain: "shown", list: [`x ${jwt}`] })
        yield* Effect.die(new Error(`whsec_abc-3 ${jwt}`)).pipe(Effect.withSpan("Inner.fails"), Effect.exit)
        yield* Metric.update(Metric.counter("rookery_test_total"), 1)
        return HttpServerResponse.text("fine")
      })
      yield* router.add("GET", "/contacts/:id", answer)
      yield* router.add("GET", "/broken", Effect.die(new Error(`broken by ${jwt}`)))
    })
  ),
  { disableLogger: true, disableListenLog: true }
)

/** What a server of ours has sent to its collector when it has been asked a few things and has stopped. */
const exported = Effect.fnUntraced(function* (otlpFormat: "json" | "protobuf") {
  const collector = yield* otlpCollector
  const scope = yield* Scope.make()
  const context = yield* Layer.build(
    App.pipe(
      Layer.provideMerge(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" })),
      Layer.provide(Telemetry({ format: "json", level: "Info", otlpEndpoint: collector.url, otlpFormat }))
    )
  ).pipe(Scope.provide(scope))
  const { address } = yield* Effect.provide(HttpServer.HttpServer, context)
  const port = "port" in address ? address.port : 0
  const ask = (path: string) =>
    Effect.promise(() => fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${jwt}` } }))
  const answer = yield* ask(`/contacts/7?token=${jwt}&refresh_token=abc-4&x=1`)
  assert.strictEqual(answer.status, 200)
  yield* ask(`/broken?Token=abc-5`)
  yield* ask(`/nowhere?api_key=abc-6`)
  yield* Scope.close(scope, Exit.void)
  return collector.received
})

const textOf = (received: ReadonlyArray<{ readonly body: Buffer }>) =>
  received.map(({ body }) => body.toString("latin1")).join()

describe("Telemetry", () => {
  for (const format of ["json", "protobuf"] as const) {
    it.live(`sends traces, metrics and logs without a secret in them: ${format}`, () =>
      Effect.gen(function* () {
        const received = yield* exported(format)
        assert.deepStrictEqual([...new Set(received.map(({ path }) => path))].toSorted(), [
          "/v1/logs",
          "/v1/metrics",
          "/v1/traces"
        ])
        assert.isTrue(received.every(({ contentType }) => contentType?.includes(format)))
        const text = textOf(received)
        assert.notMatch(text, /abc-\d/)
        assert.notInclude(text, jwt.slice(0, 20))
        for (const part of [
          "rookery",
          "rookery_test_total",
          "Served",
          "r-1",
          "shown",
          "Inner.fails",
          "x=1",
          "broken by"
        ]) {
          assert.include(text, part)
        }
        const console = (yield* TestConsole.logLines).join("\n")
        assert.include(console, "Served <redacted>")
        assert.notMatch(console, /abc-\d/)
      }).pipe(Effect.scoped, Effect.provide(TestConsole.layer))
    )
  }

  it.live("names the spans of requests after their routes", () =>
    Effect.gen(function* () {
      const traces = (yield* exported("json")).filter(({ path }) => path === "/v1/traces")
      const spans = traces.flatMap(({ body }) => JSON.parse(body.toString()).resourceSpans[0].scopeSpans[0].spans)
      const names = spans.map(({ name }: { readonly name: string }) => name)
      assert.sameMembers(names, ["GET /contacts/:id", "Inner.fails", "GET /broken", "GET"])
    }).pipe(Effect.scoped, Effect.provide(TestConsole.layer))
  )

  it.live("makes no span where nobody collects them", () =>
    Effect.gen(function* () {
      const spans: Array<string> = []
      const tracer = Tracer.make({
        span: (options) => {
          spans.push(options.name)
          return new Tracer.NativeSpan(options)
        }
      })
      const traced = Effect.withSpan(Effect.void, "traced").pipe(Effect.provideService(Tracer.Tracer, tracer))
      yield* traced
      assert.deepStrictEqual(spans, ["traced"])
      yield* Effect.provide(traced, Telemetry({ format: "json", level: "Info", otlpEndpoint: undefined }))
      assert.deepStrictEqual(spans, ["traced"])
    })
  )

  it.live("holds nothing up while the collector is away", () =>
    Effect.gen(function* () {
      const started = performance.now()
      yield* Effect.gen(function* () {
        for (let n = 0; n < 100; n++) yield* Effect.logInfo("working").pipe(Effect.withSpan("work"))
      }).pipe(Effect.provide(Telemetry({ format: "json", level: "Info", otlpEndpoint: "http://127.0.0.1:9" })))
      assert.isBelow(performance.now() - started, 5000)
    }).pipe(Effect.provide(TestConsole.layer))
  )
})
