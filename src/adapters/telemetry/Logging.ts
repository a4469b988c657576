import { Layer, Logger, type LogLevel, References } from "effect"
import { jsonLines, prettyLines } from "./LogFormats.ts"

export interface LoggingOptions {
  /** `pretty` is for people, `json` for what collects logs. */
  readonly format: "pretty" | "json"
  /** What is less than this is not logged. */
  readonly level: LogLevel.LogLevel
}

/** Logs to the console and nowhere else, secrets redacted. Everything that logs has to be built with it. */
export const Logging = ({ format, level }: LoggingOptions) =>
  Layer.mergeAll(
    Logger.layer([
      // hasColors also heeds NO_COLOR and FORCE_COLOR.
      Logger.withConsoleLog(format === "json" ? jsonLines : prettyLines(process.stdout.hasColors?.() ?? false))
    ]),
    Layer.succeed(References.MinimumLogLevel, level)
  )
