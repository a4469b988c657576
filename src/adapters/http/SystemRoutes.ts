import { Duration, Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { PrometheusMetrics } from "effect/observability"
import { Outbox } from "../../domain/events/Outbox.ts"
import { Observations } from "./Observations.ts"
import { observeOutbox } from "./OutboxMetrics.ts"
import { Readiness } from "./Readiness.ts"
import { RequestInfo } from "./RequestInfo.ts"
import type { RouteKey } from "./RouteTable.ts"

const noStore = { "cache-control": "no-store" }

/** A route of the server itself, under its own name in metrics and logs. */
const get = <E, R>(path: HttpRouter.PathInput, answer: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
  HttpRouter.add(
    "GET",
    path,
    Effect.flatMap(RequestInfo, (info) => {
      info.route = path
      return answer
    })
  )

const Health = get("/health", Effect.succeed(HttpServerResponse.jsonUnsafe({ status: "ok" }, { headers: noStore })))

const Ready = Layer.unwrap(
  Effect.map(Readiness, ({ report }) =>
    get(
      "/ready",
      Effect.map(report, ({ checks, ready }) =>
        HttpServerResponse.jsonUnsafe(
          { status: ready ? "ready" : "not ready", checks },
          { status: ready ? 200 : 503, headers: noStore }
        )
      )
    )
  )
)

/** However many scrape, what costs the database something is measured once a second. */
const measured = Duration.seconds(1)

const prometheusText = "text/plain; version=0.0.4; charset=utf-8"

const Metrics = Layer.unwrap(
  Effect.gen(function* () {
    const outbox = yield* Outbox
    const observations = yield* Observations
    // One after the other, or the outbox's question would be seen among what the database does.
    const observe = yield* Effect.cachedWithTTL(
      Effect.andThen(Effect.all(observations, { concurrency: "unbounded", discard: true }), observeOutbox(outbox)),
      measured
    )
    return get(
      "/metrics",
      Effect.map(Effect.andThen(observe, PrometheusMetrics.format()), (text) =>
        HttpServerResponse.text(text, { contentType: prometheusText, headers: noStore })
      )
    )
  })
)

/** Whether the process lives, whether it can work, and how it does. */
export const SystemRoutes = Layer.mergeAll(Health, Ready, Metrics)

export const systemPaths: ReadonlyArray<RouteKey> = [
  { method: "GET", path: "/health" },
  { method: "GET", path: "/ready" },
  { method: "GET", path: "/metrics" }
]
