import { Cause, Context, Effect, Exit, Layer, Metric } from "effect"
import { RateLimits } from "../../domain/shared/RateLimits.ts"
import { Called, Caller, ServerFault } from "./Caller.ts"

/** Of the connection that a call came over: its fibers pass it on to those of its calls. */
export const ConnectionCaller = Context.Reference<Caller["Service"] | undefined>(
  "rookery/adapters/rpc/CalledLive/ConnectionCaller",
  { defaultValue: () => undefined }
)

const calls = Metric.counter("rookery_calls_total", {
  description: "Calls over WebSockets that have ended, by call and by what came of them",
  incremental: true
})

const outcomeOf = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.isSuccess(exit)
    ? "ok"
    : Cause.hasDies(exit.cause)
      ? "fault"
      : Cause.hasInterruptsOnly(exit.cause)
        ? "interrupted"
        : "refused"

export const CalledLive = Layer.effect(
  Called,
  Effect.map(RateLimits, (limits) =>
    Called.of((call, { rpc }) =>
      Effect.gen(function* () {
        const caller = yield* ConnectionCaller
        if (caller === undefined) return yield* Effect.die(`A call of ${rpc._tag} came over no connection`)
        yield* limits.consume("requests", caller.limitKey)
        return yield* Effect.provideService(call, Caller, caller)
      }).pipe(
        Effect.onExit((exit) =>
          Metric.update(Metric.withAttributes(calls, { call: rpc._tag, outcome: outcomeOf(exit) }), 1)
        ),
        Effect.catchCauseIf(Cause.hasDies, (cause) =>
          Effect.logError("Call failed", cause).pipe(
            Effect.annotateLogs({ call: rpc._tag }),
            Effect.andThen(Effect.fail(new ServerFault()))
          )
        )
      )
    )
  )
)
