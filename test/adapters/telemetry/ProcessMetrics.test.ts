import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Metric, Scope } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { ProcessMetrics } from "../../../src/adapters/telemetry/ProcessMetrics.ts"

const valueOf = (text: string, name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1])

const busy = (millis: number) =>
  Effect.sync(() => {
    const until = performance.now() + millis
    while (performance.now() < until);
  })

describe("ProcessMetrics", () => {
  it.live("tells of memory, processor time and lag when it is asked, until its scope closes", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      yield* Layer.build(ProcessMetrics).pipe(Scope.provide(scope))
      const first = yield* PrometheusMetrics.format()
      assert.include(first, "# TYPE process_cpu_seconds_total counter")
      assert.include(first, "# TYPE process_resident_memory_bytes gauge")
      assert.isAbove(valueOf(first, "process_resident_memory_bytes"), 10_000_000)
      assert.isAbove(valueOf(first, "nodejs_heap_size_used_bytes"), 1_000_000)
      assert.isAbove(valueOf(first, "nodejs_external_memory_bytes"), 0)
      assert.closeTo(valueOf(first, "process_start_time_seconds"), Date.now() / 1000, 120)
      for (const name of ["mean", "p99", "max"]) {
        assert.isAtLeast(valueOf(first, `nodejs_eventloop_lag_${name}_seconds`), 0)
      }

      yield* Effect.sleep("1050 millis")
      yield* busy(300)
      yield* Effect.sleep("50 millis")
      const second = yield* PrometheusMetrics.format()
      assert.isAtLeast(valueOf(second, "nodejs_eventloop_lag_max_seconds"), 0.25)
      const used = valueOf(second, "process_cpu_seconds_total") - valueOf(first, "process_cpu_seconds_total")
      assert.isAtLeast(used, 0.05)

      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(yield* PrometheusMetrics.format(), "")
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )
})
