/**
 * Rookery beside the servers that people would write instead: the same requests, the same PostgreSQL, the same data.
 *
 *     npm run bench -- --help
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Console, Effect, Exit } from "effect"
import { CliError, Command } from "effect/cli"
import { bench } from "./Bench.ts"
import { pgbench } from "./Comparison.ts"
import { scenarios } from "./scenarios/Scenarios.ts"
import { servers } from "./servers/Servers.ts"
import { flags } from "./Options.ts"

const names = (list: ReadonlyArray<{ readonly name: string }>) => list.map(({ name }) => name)

/** One line, but for a command that was not understood: it has been explained already. */
const complain = (cause: Cause.Cause<{ readonly message: string }>) => {
  const [failure] = cause.reasons.filter(Cause.isFailReason)
  if (CliError.isCliError(failure?.error) || Cause.hasInterruptsOnly(cause)) return Effect.void
  return Console.error(`bench: ${failure === undefined ? Cause.pretty(cause) : failure.error.message}`)
}

Command.make("bench", flags(names(scenarios), names([...servers, pgbench])), bench).pipe(
  Command.withDescription("Measures Rookery beside the servers that people would write instead"),
  Command.run({ version: "1" }),
  Effect.provide(NodeServices.layer),
  Effect.tapCause(complain),
  NodeRuntime.runMain({ disableErrorReporting: true, teardown: (exit, onExit) => onExit(Exit.isFailure(exit) ? 1 : 0) })
)
