import { monitorEventLoopDelay } from "node:perf_hooks"
import { Clock, Effect, Layer, Metric } from "effect"

/** In milliseconds. A timer that is on time is counted as this late. */
const resolution = 10

/** In milliseconds. Whoever reads within this time of each other reads the same. */
const together = 1000

const seconds = (nanos: number) => (Number.isNaN(nanos) ? 0 : Math.max(0, nanos / 1e9 - resolution / 1e3))

/** How late timers came since somebody last asked, in seconds. */
const lagSince = (histogram: ReturnType<typeof monitorEventLoopDelay>, clock: Clock.Clock) => {
  let lag = { mean: 0, p99: 0, max: 0 }
  let readAt = Number.NEGATIVE_INFINITY
  return () => {
    const now = clock.currentTimeMillisUnsafe()
    if (now - readAt < together) return lag
    readAt = now
    // Empty, it has a percentile all the same.
    const p99 = histogram.count === 0 ? Number.NaN : histogram.percentile(99)
    lag = { mean: seconds(histogram.mean), p99: seconds(p99), max: seconds(histogram.max) }
    histogram.reset()
    return lag
  }
}

/**
 * Memory, processor time and lag of this process, under the names that Prometheus' client libraries use. They are read
 * when metrics are, and cost nothing otherwise.
 */
export const ProcessMetrics = Layer.effectDiscard(
  Effect.gen(function* () {
    const context = yield* Effect.context()
    const delays = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const histogram = monitorEventLoopDelay({ resolution })
        histogram.enable()
        return histogram
      }),
      (histogram) => Effect.sync(() => histogram.disable())
    )
    const lag = lagSince(delays, yield* Clock.Clock)

    const ignore = () => {}
    const registered = <Input, State>(metric: Metric.Metric<Input, State>, get: () => State) =>
      Effect.acquireRelease(
        Effect.sync(() => Metric.registerUnsafe(metric, context, { get, update: ignore, modify: ignore })),
        (registration) => Effect.sync(registration.remove)
      )
    const gauge = (name: string, description: string, value: () => number) =>
      registered(Metric.gauge(name, { description }), () => ({ value: value() }))

    const startedAt = Math.round(performance.timeOrigin) / 1000
    yield* registered(
      Metric.counter("process_cpu_seconds_total", {
        description: "Processor time used, in seconds",
        incremental: true
      }),
      () => {
        const { system, user } = process.cpuUsage()
        return { count: (system + user) / 1e6, incremental: true }
      }
    )
    yield* gauge("process_start_time_seconds", "When it started, in seconds since 1970", () => startedAt)
    yield* gauge("process_resident_memory_bytes", "Resident memory", () => process.memoryUsage.rss())
    yield* gauge("nodejs_heap_size_used_bytes", "Heap in use", () => process.memoryUsage().heapUsed)
    yield* gauge("nodejs_external_memory_bytes", "Memory outside the heap", () => process.memoryUsage().external)
    yield* gauge("nodejs_eventloop_lag_mean_seconds", "How late timers came, on average", () => lag().mean)
    yield* gauge("nodejs_eventloop_lag_p99_seconds", "How late timers came, 99th percentile", () => lag().p99)
    yield* gauge("nodejs_eventloop_lag_max_seconds", "How late timers came at most", () => lag().max)
  })
)
