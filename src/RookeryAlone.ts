import { DevOutboxInProcess } from "./adapters/devoutbox/DevOutboxInProcess.ts"
import { Exposition } from "./adapters/http/Exposition.ts"
import { Banner } from "./Banner.ts"
import type { Configuration } from "./Configuration.ts"
import { serve } from "./Rookery.ts"

/** The only process behind its port. */
export const run = (settings: Configuration["Service"]) =>
  serve(settings, {
    announcement: Banner(settings),
    exposition: Exposition.ofProcess,
    devOutbox: DevOutboxInProcess
  })
