import { Effect } from "effect"
import { freePort } from "./adapters/http/Listening.ts"
import { Logging } from "./adapters/telemetry/Logging.ts"
import { workers } from "./adapters/workers/Workers.ts"
import { printBanner, urlOf } from "./Banner.ts"
import type { Configuration } from "./Configuration.ts"

/** The process that starts the others and replaces those that end. It serves nothing itself. */
export const run = (program: string, settings: Configuration["Service"]) =>
  Effect.gen(function* () {
    const port = yield* freePort(settings)
    const whenUp = printBanner(settings, urlOf(settings.host, port))
    return yield* workers({ program, count: settings.workers, port, whenUp })
  }).pipe(Effect.provide(Logging({ format: settings.logFormat, level: settings.logLevel })))
