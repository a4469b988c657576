import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { Exposition } from "./Exposition.ts"
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

const prometheusText = "text/plain; version=0.0.4; charset=utf-8"

const Metrics = Layer.unwrap(
  Effect.map(Exposition, ({ text }) =>
    get(
      "/metrics",
      Effect.map(text, (text) => HttpServerResponse.text(text, { contentType: prometheusText, headers: noStore }))
    )
  )
)

/** Whether the process lives, whether it can work, and how it does. */
export const SystemRoutes = Layer.mergeAll(Health, Ready, Metrics)

export const systemPaths: ReadonlyArray<RouteKey> = [
  { method: "GET", path: "/health" },
  { method: "GET", path: "/ready" },
  { method: "GET", path: "/metrics" }
]
