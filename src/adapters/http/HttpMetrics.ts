import { Clock, type Fiber, Metric } from "effect"

type Labels = Readonly<Record<string, string>>

const requests = (attributes: Labels) =>
  Metric.counter("rookery_http_requests_total", {
    description: "Requests answered, by method, route template and status",
    incremental: true,
    attributes
  })

const duration = (attributes: Labels) =>
  Metric.histogram("rookery_http_request_duration_seconds", {
    description: "Time from the request's head to the answer's head",
    boundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    attributes
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
  return (
    { context }: Fiber.Fiber<unknown, unknown>,
    method: string,
    route: string | undefined,
    status: number,
    seconds: number
  ): void => {
    const template = route ?? "unmatched"
    const key = `${method} ${template} ${status}`
    let known = series.get(key)
    if (known === undefined) {
      const labels = { method, route: template }
      known = { count: requests({ ...labels, status: String(status) }), time: duration(labels) }
      series.set(key, known)
    }
    known.count.updateUnsafe(1, context)
    known.time.updateUnsafe(seconds, context)
  }
}

/** One reading of the fiber's clock that has nothing to do with the time of day, in seconds. */
export const monotonicSeconds = (fiber: Fiber.Fiber<unknown, unknown>): number =>
  Number(fiber.getRef(Clock.Clock).currentTimeNanosUnsafe()) / 1e9
