import "./Pretenuring.ts"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Effect, Exit, Layer } from "effect"
import { assignmentOf } from "./adapters/workers/Assignment.ts"
import { complaintOf } from "./Complaint.ts"
import { Configuration } from "./Configuration.ts"
import { environment } from "./Environment.ts"

/** Each loads what it needs and no more: to start the workers takes a small part of the program. */
const serve = async (settings: Configuration["Service"]) => {
  if (settings.workers === 1) return (await import("./RookeryAlone.ts")).run(settings)
  const assignment = process.connected ? assignmentOf(process.argv) : undefined
  return assignment === undefined
    ? (await import("./RookeryPrimary.ts")).run(import.meta.filename, settings)
    : (await import("./RookeryWorker.ts")).run(assignment, settings)
}

/** Runs until it is told to stop, or until something is lost that it can't work without. */
const program = Effect.gen(function* () {
  const settings = yield* Configuration
  return yield* yield* Effect.promise(() => serve(settings))
}).pipe(Effect.provide(Configuration.layer.pipe(Layer.provide(environment), Layer.provideMerge(NodeServices.layer))))

const complain = (cause: Cause.Cause<{ readonly message: string }>) =>
  Effect.sync(() => {
    const complaint = complaintOf(cause)
    if (complaint !== undefined) process.stderr.write(`rookery: ${complaint}\n`)
  })

NodeRuntime.runMain(Effect.tapCause(program, complain), {
  disableErrorReporting: true,
  // To be told to stop is no failure.
  teardown: (exit, onExit) => onExit(Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause) ? 1 : 0)
})
