import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { mergedMetrics } from "../../../src/adapters/workers/MergedMetrics.ts"

/** What a process shows that has counted so much. */
const exposition = (count: number) =>
  Effect.gen(function* () {
    const labels = { path: 'a "b" {c} 1' }
    yield* Metric.update(Metric.counter("requests_total", { description: "All\nof them", incremental: true }), count)
    yield* Metric.update(Metric.withAttributes(Metric.gauge("open"), labels), count)
    yield* Metric.update(Metric.histogram("seconds", { boundaries: [1, 5] }), count)
    yield* Metric.update(Metric.gauge("pending", { description: "In the database" }), count)
    return yield* PrometheusMetrics.format()
  }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))

const linesOf = (text: string, name: string) => text.split("\n").filter((line) => line.startsWith(name))

describe("the metrics of several workers", () => {
  it.effect("are one exposition: each family once, each series with its worker", () =>
    Effect.gen(function* () {
      const said = [
        { worker: 1, restarts: 0, text: yield* exposition(2) },
        { worker: 3, restarts: 4, text: yield* exposition(3) }
      ]
      const merged = mergedMetrics(said, new Set())
      assert.deepStrictEqual(
        merged.split("\n").filter((line) => line.includes("requests_total")),
        [
          "# HELP requests_total All\\nof them",
          "# TYPE requests_total counter",
          'requests_total{worker="1"} 2',
          'requests_total{worker="3"} 3'
        ]
      )
      assert.deepStrictEqual(linesOf(merged, "open"), [
        'open{worker="1",path="a \\"b\\" {c} 1"} 2',
        'open{worker="3",path="a \\"b\\" {c} 1"} 3'
      ])
      assert.deepStrictEqual(linesOf(merged, 'seconds_bucket{worker="3"'), [
        'seconds_bucket{worker="3",le="1"} 0',
        'seconds_bucket{worker="3",le="5"} 1',
        'seconds_bucket{worker="3",le="+Inf"} 1'
      ])
      assert.deepStrictEqual(linesOf(merged, "rookery_worker_restarts_total"), [
        'rookery_worker_restarts_total{worker="1"} 0',
        'rookery_worker_restarts_total{worker="3"} 4'
      ])
      assert.isTrue(merged.endsWith("\n"))
      assert.notInclude(merged, "\n\n")
    })
  )

  it.effect("show once what all of them see alike", () =>
    Effect.gen(function* () {
      const said = [
        { worker: 1, restarts: 0, text: yield* exposition(7) },
        { worker: 2, restarts: 0, text: yield* exposition(7) }
      ]
      assert.deepStrictEqual(linesOf(mergedMetrics(said, new Set(["pending"])), "pending"), ["pending 7"])
    })
  )

  it.effect("count those that did not answer", () =>
    Effect.gen(function* () {
      const said = [
        { worker: 1, restarts: 0 },
        { worker: 2, restarts: 1, text: yield* exposition(1) }
      ]
      const merged = mergedMetrics(said, new Set(["pending"]))
      assert.deepStrictEqual(linesOf(merged, "rookery_worker_up"), [
        'rookery_worker_up{worker="1"} 0',
        'rookery_worker_up{worker="2"} 1'
      ])
      assert.deepStrictEqual(linesOf(merged, "requests_total"), ['requests_total{worker="2"} 1'])
      assert.deepStrictEqual(linesOf(merged, "pending"), ["pending 1"])
    })
  )
})
