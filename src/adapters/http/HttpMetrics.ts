import { Effect, Metric } from "effect"

const requests = Metric.counter("rookery_http_requests_total", {
  description: "Requests answered, by method, route template and status",
  incremental: true
})

const duration = Metric.histogram("rookery_http_request_duration_seconds", {
  description: "Time from the request's head to the answer's head",
  boundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
})

interface Series {
  readonly count: Metric.Counter<number>
  readonly time: Metric.Histogram<number>
}

/**
 * Counts requests. A series is made once for each route, method and status; routes are templates and methods are those
 * the router knows, so there are only so many.
 */
export const requestRecorder = () => {
  const series = new Map<string, Series>()
  return (method: string, route: string | undefined, status: number, seconds: number): Effect.Effect<void> => {
    const template = route ?? "unmatched"
    const key = `${method} ${template} ${status}`
    let known = series.get(key)
    if (known === undefined) {
      const labels = { method, route: template, status: String(status) }
      known = {
        count: Metric.withAttributes(requests, labels),
        time: Metric.withAttributes(duration, { method, route: template })
      }
      series.set(key, known)
    }
    return Effect.andThen(Metric.update(known.count, 1), Metric.update(known.time, seconds))
  }
}

/** One reading of the clock that has nothing to do with the time of day, in seconds. */
export const monotonicSeconds = Effect.clockWith((clock) =>
  Effect.sync(() => Number(clock.currentTimeNanosUnsafe()) / 1e9)
)
