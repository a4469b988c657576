import { Context, Effect, Layer, Option } from "effect"
import type { HttpServer as Listening } from "effect/http"
import type { SqlClient } from "effect/sql"
import type { Exposition } from "./adapters/http/Exposition.ts"
import { HttpServer } from "./adapters/http/HttpServer.ts"
import { DatabaseWatch } from "./adapters/postgres/DatabaseWatch.ts"
import { InstanceLock } from "./adapters/postgres/InstanceLock.ts"
import { ProcessMetrics } from "./adapters/telemetry/ProcessMetrics.ts"
import { Telemetry } from "./adapters/telemetry/Telemetry.ts"
import { Application } from "./Application.ts"
import type { Configuration } from "./Configuration.ts"
import type { Outbox } from "./domain/events/Outbox.ts"
import type { DevOutbox } from "./domain/shared/DevOutbox.ts"
import { Infrastructure, ObservationsOfInfrastructure, ReadinessOfInfrastructure } from "./Infrastructure.ts"
import { Ports, Relays } from "./Ports.ts"
import { Routes } from "./Routes.ts"
import { Sockets } from "./Sockets.ts"

type Settings = Configuration["Service"]

/** What depends on whether this process is the only one behind its port. */
export interface Surroundings {
  /** Told once everything is up. */
  readonly announcement: Layer.Layer<never, never, Listening.HttpServer | SqlClient.SqlClient>
  readonly exposition: Layer.Layer<Exposition, never, Outbox>
  readonly devOutbox: Layer.Layer<DevOutbox>
}

const Rookery = (settings: Settings, { announcement, devOutbox, exposition }: Surroundings) => {
  const routes = Routes({
    development: settings.environment === "development",
    trustedProxies: settings.trustProxy,
    corsOrigins: settings.corsOrigins,
    publicUrl: settings.publicUrl
  })
  return announcement.pipe(
    Layer.provide(HttpServer(routes, { host: settings.host, port: settings.port, sharesPort: settings.workers > 1 })),
    Layer.provide(Sockets),
    Layer.provide(exposition),
    Layer.provideMerge(Relays(settings)),
    Layer.provide(
      Application({
        access: settings.accessTtl,
        session: settings.sessionTtl,
        emailVerification: settings.emailVerification,
        passcodeTtl: settings.passcodeTtl,
        testPasscodes: settings.testPasscodes
      })
    ),
    Layer.provide(ReadinessOfInfrastructure(settings)),
    Layer.provide(ObservationsOfInfrastructure),
    Layer.provide([Ports(settings), devOutbox]),
    Layer.provideMerge(Infrastructure(settings)),
    Layer.provideMerge(ProcessMetrics),
    Layer.provide(
      Telemetry({
        format: settings.logFormat,
        level: settings.logLevel,
        otlpEndpoint: Option.getOrUndefined(settings.otlpEndpoint)
      })
    )
  )
}

/** Serves until something is lost that it can't work without. */
export const serve = (settings: Settings, surroundings: Surroundings) =>
  Effect.gen(function* () {
    const running = yield* Layer.build(Rookery(settings, surroundings))
    return yield* Effect.raceFirst(Context.get(running, DatabaseWatch).lost, Context.get(running, InstanceLock).lost)
  }).pipe(Effect.scoped)
