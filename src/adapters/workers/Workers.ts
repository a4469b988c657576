import { Duration, Effect, FiberSet, Schema } from "effect"
import { workerAnswers } from "./WorkerAnswers.ts"
import { type Listener, liveOnce, type WorkerProcess } from "./WorkerProcess.ts"

/** A worker ended before all of them were up. */
export class WorkerNotStarted extends Schema.TaggedError<WorkerNotStarted>()("WorkerNotStarted", {
  worker: Schema.Int,
  /** What the worker said of it, as a sentence, or how it ended. */
  reason: Schema.String
}) {
  override get message() {
    return this.reason
  }
}

/** All workers ended soon after their starts, again and again. */
export class NoWorkerStays extends Schema.TaggedError<NoWorkerStays>()("NoWorkerStays", {
  workers: Schema.Int,
  times: Schema.Int,
  /** That of the last one. */
  reason: Schema.String
}) {
  override get message() {
    return `none of ${this.workers} workers stays up; each was started ${this.times} times in a row, the last ended: ${this.reason}`
  }
}

/** Who has been up for this long does not fail at once. */
const settled = Duration.seconds(30)
/** Where each worker has failed at once so many times in a row, there is nothing to hope for. */
const mostFailures = 5
const firstPause = Duration.millis(100)
const longestPause = Duration.seconds(30)

/** Before a worker is started again that has failed at once so many times in a row, 1 or more: from 100 ms to 30 s. */
export const pauseAfter = (failures: number): Duration.Duration =>
  Duration.min(Duration.times(firstPause, 2 ** Math.min(failures - 1, 20)), longestPause)

/** What is known of a worker's number, whoever bears it. */
interface Place {
  readonly number: number
  restarts: number
  /** Failures at once, in a row. */
  failures: number
  /** Whoever is up. */
  process: WorkerProcess | undefined
}

export interface WorkersOptions {
  /** The module that each of them runs, with its assignment as arguments. */
  readonly program: string
  /** How many; each knows its number from 1 on. */
  readonly count: number
  readonly port: number
  /** Run once, when all of them are up. */
  readonly whenUp: Effect.Effect<void>
}

/**
 * Runs a program in several processes that share a port. All of them come up, or the start fails: the first that ends before
 * ends all. One that ends later is replaced while the others go on. Interrupted, it makes all of them leave.
 */
export const workers = Effect.fnUntraced(function* ({ count, port, program, whenUp }: WorkersOptions) {
  const run = yield* FiberSet.makeRuntime<never>()
  const places = Array.from({ length: count }, (_, index): Place => ({
    number: index + 1,
    restarts: 0,
    failures: 0,
    process: undefined
  }))
  const { answered, askAll } = workerAnswers()
  let started = false

  const up = Effect.fnUntraced(function* (place: Place, process: WorkerProcess) {
    place.process = process
    if (!started && places.every(({ process }) => process !== undefined)) {
      started = true
      yield* whenUp
    }
    yield* Effect.sleep(settled)
    place.failures = 0
  })

  const hear: Listener["hear"] = (worker, message) => {
    if (message._tag === "Answer") return answered(message.id, message.text)
    const { id } = message
    run(Effect.map(askAll(places, message), (answers) => worker.tell({ _tag: "Answers", id, answers })))
  }

  const keep = Effect.fnUntraced(function* (place: Place) {
    for (;;) {
      const reason = yield* liveOnce(
        program,
        { worker: place.number, port },
        { hear, up: (process) => up(place, process) }
      )
      place.process = undefined
      if (!started) return yield* new WorkerNotStarted({ worker: place.number, reason })
      place.failures += 1
      place.restarts += 1
      if (places.every(({ failures }) => failures >= mostFailures)) {
        return yield* new NoWorkerStays({ workers: count, times: mostFailures, reason })
      }
      const pause = pauseAfter(place.failures)
      yield* Effect.logWarning("A worker ended; another takes its place").pipe(
        Effect.annotateLogs({ worker: place.number, reason, pause: Duration.format(pause) })
      )
      yield* Effect.sleep(pause)
    }
  })

  return yield* Effect.forEach(places, keep, { concurrency: "unbounded", discard: true })
}, Effect.scoped)
