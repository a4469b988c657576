import { Deferred, Duration, Effect, Option, Schema } from "effect"
import { fork } from "node:child_process"
import { argumentsOf, type Assignment } from "./Assignment.ts"
import { type FromPrimary, FromWorker } from "./WorkerMessages.ts"

/** How long a worker that was told to leave may take: requests and sockets under way, and what telemetry has to send. */
const patience = Duration.seconds(10)

/** For messages that still lie in the channel of a process that has ended. */
const lastWords = Duration.seconds(1)

/** A worker, seen from the primary. */
export interface WorkerProcess {
  /** Lost where it has ended. */
  readonly tell: (message: FromPrimary) => void
  /** Waits for its end, and says how that was. */
  readonly ended: Effect.Effect<string>
  readonly kill: (signal: NodeJS.Signals) => void
}

export interface Listener {
  /** It serves. What this does ends with the worker. */
  readonly up: (worker: WorkerProcess) => Effect.Effect<void>
  readonly hear: (worker: WorkerProcess, message: Extract<FromWorker, { _tag: "Question" | "Answer" }>) => void
}

const decode = Schema.decodeUnknownOption(FromWorker)

const launch = (program: string, assignment: Assignment, hear: (message: FromWorker) => void): WorkerProcess => {
  const child = fork(program, argumentsOf(assignment))
  const end = Deferred.makeUnsafe<string>()
  const silence = Deferred.makeUnsafe<void>()
  child
    .on("message", (message) => Option.map(decode(message), hear))
    .on("exit", (code, signal) => Deferred.doneUnsafe(end, Effect.succeed(signal ?? `exit code ${code}`)))
    .on("disconnect", () => Deferred.doneUnsafe(silence, Effect.void))
    .on("error", ({ message }) => {
      // One that never ran does not exit.
      if (child.pid === undefined) Deferred.doneUnsafe(end, Effect.succeed(message))
    })
  return {
    tell: (message) => {
      if (child.connected) child.send(message, () => {})
    },
    ended: Effect.tap(Deferred.await(end), () => Effect.timeoutOption(Deferred.await(silence), lastWords)),
    kill: (signal) => child.kill(signal)
  }
}

/** Asked to at first; after 10 seconds it is killed. */
const leave = (number: number, { ended, kill }: WorkerProcess) => {
  const killed = Effect.logWarning(`Worker ${number} takes too long to leave: it is killed`).pipe(
    Effect.andThen(Effect.sync(() => kill("SIGKILL"))),
    Effect.andThen(ended)
  )
  return Effect.sync(() => kill("SIGTERM")).pipe(
    Effect.andThen(Effect.timeoutOrElse(ended, { duration: patience, orElse: () => killed }))
  )
}

/** A worker of the program, a module that Node runs, from its start to its end; what it said of that, or how it was. Interrupted, it makes the worker leave. */
export const liveOnce = Effect.fnUntraced(function* (program: string, assignment: Assignment, { hear, up }: Listener) {
  const listening = yield* Deferred.make<void>()
  let complaint: string | undefined
  const worker: WorkerProcess = yield* Effect.acquireRelease(
    Effect.sync(() =>
      launch(program, assignment, (message) => {
        if (message._tag === "Up") Deferred.doneUnsafe(listening, Effect.void)
        else if (message._tag === "Failed") complaint = message.reason
        else hear(worker, message)
      })
    ),
    (launched) => leave(assignment.worker, launched)
  )
  yield* Deferred.await(listening).pipe(Effect.andThen(up(worker)), Effect.forkScoped)
  const end = yield* worker.ended
  return complaint ?? end
}, Effect.scoped)
