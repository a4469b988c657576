import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Context, Effect, Exit, Layer, Option } from "effect"
import { HttpServer } from "./adapters/http/HttpServer.ts"
import { DatabaseWatch } from "./adapters/postgres/DatabaseWatch.ts"
import { InstanceLock } from "./adapters/postgres/InstanceLock.ts"
import { ProcessMetrics } from "./adapters/telemetry/ProcessMetrics.ts"
import { Telemetry } from "./adapters/telemetry/Telemetry.ts"
import { Application } from "./Application.ts"
import { Banner } from "./Banner.ts"
import { Configuration, environment } from "./Configuration.ts"
import { Infrastructure, ObservationsOfInfrastructure, ReadinessOfInfrastructure } from "./Infrastructure.ts"
import { Ports, Relays } from "./Ports.ts"
import { Routes } from "./Routes.ts"

const Rookery = Layer.unwrap(
  Effect.map(Configuration, (settings) => {
    const routes = Routes({
      development: settings.environment === "development",
      trustedProxies: settings.trustProxy,
      corsOrigins: settings.corsOrigins,
      publicUrl: settings.publicUrl
    })
    return Banner(settings).pipe(
      Layer.provide(HttpServer(routes, settings)),
      Layer.provideMerge(Relays(settings)),
      Layer.provide(
        // No mail goes out yet, so nobody could have verified anything.
        Application({ access: settings.accessTtl, session: settings.sessionTtl, verifiesEmail: false })
      ),
      Layer.provide(ReadinessOfInfrastructure(settings)),
      Layer.provide(ObservationsOfInfrastructure),
      Layer.provide(Ports(settings)),
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
  })
).pipe(Layer.provide(Configuration.layer), Layer.provide(environment), Layer.provide(NodeServices.layer))

/** Runs until it is told to stop, or until something is lost that it can't work without. */
const program = Effect.gen(function* () {
  const running = yield* Layer.build(Rookery)
  return yield* Effect.raceFirst(Context.get(running, DatabaseWatch).lost, Context.get(running, InstanceLock).lost)
}).pipe(Effect.scoped)

/** What stops the start is one line; only a defect shows where it came from. */
const complain = (cause: Cause.Cause<{ readonly message: string }>) =>
  Effect.sync(() => {
    if (Cause.hasInterruptsOnly(cause)) return
    const [failure] = cause.reasons.filter(Cause.isFailReason)
    process.stderr.write(`rookery: ${failure === undefined ? Cause.pretty(cause) : failure.error.message}\n`)
  })

NodeRuntime.runMain(Effect.tapCause(program, complain), {
  disableErrorReporting: true,
  // To be told to stop is no failure.
  teardown: (exit, onExit) => onExit(Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause) ? 1 : 0)
})
