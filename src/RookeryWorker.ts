import { Effect, Layer, References } from "effect"
import { HttpServer } from "effect/http"
import { Exposition } from "./adapters/http/Exposition.ts"
import { outboxMetrics } from "./adapters/http/OutboxMetrics.ts"
import { warnOfFewConnections } from "./adapters/postgres/ConnectionBudget.ts"
import type { Assignment } from "./adapters/workers/Assignment.ts"
import { mergedMetrics } from "./adapters/workers/MergedMetrics.ts"
import { Worker } from "./adapters/workers/Worker.ts"
import { complaintOf, Told } from "./Complaint.ts"
import type { Configuration } from "./Configuration.ts"
import { DevOutboxOfWorkers } from "./DevOutboxOfWorkers.ts"
import { maxConnections } from "./Infrastructure.ts"
import { serve } from "./Rookery.ts"

type Settings = Configuration["Service"]

/** The metrics of all workers, whichever of them is asked; its own alone where the primary does not answer. */
const ExpositionOfWorkers = Layer.effect(
  Exposition,
  Effect.gen(function* () {
    const { answer, ask, number } = yield* Worker
    const own = yield* Exposition
    yield* answer("metrics", () => own.text)
    const gathered = Effect.gen(function* () {
      const said = yield* ask("metrics")
      const known = said.length > 0 ? said : [{ worker: number, text: yield* own.text }]
      return mergedMetrics(known, outboxMetrics)
    })
    // Not kept, but whoever scrapes meanwhile gets the same.
    return Exposition.of({ text: yield* Effect.cachedWithTTL(gathered, 0) })
  })
).pipe(Layer.provide(Exposition.ofProcess))

/** Once there is a server. What concerns all of them the first one says. */
const Announcement = ({ workers }: Settings) =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const worker = yield* Worker
      yield* HttpServer.HttpServer
      if (worker.number === 1) yield* warnOfFewConnections(workers, maxConnections)
      yield* worker.up
    })
  )

/** One process of several behind a port. What it has to say about its end it tells the primary. */
export const run = (assignment: Assignment, settings: Settings) =>
  Effect.gen(function* () {
    const worker = yield* Worker
    const ThisWorker = Layer.succeed(Worker, worker)
    const serving = serve(
      { ...settings, port: assignment.port },
      {
        announcement: Layer.provide(Announcement(settings), ThisWorker),
        exposition: Layer.provide(ExpositionOfWorkers, ThisWorker),
        devOutbox: Layer.provide(DevOutboxOfWorkers, ThisWorker)
      }
    ).pipe(
      Effect.provideService(References.CurrentLogAnnotations, { worker: worker.number }),
      Effect.catchCause((cause) => {
        const complaint = complaintOf(cause)
        return complaint === undefined
          ? Effect.interrupt
          : Effect.andThen(worker.failed(complaint), Effect.fail(new Told()))
      })
    )
    return yield* Effect.raceFirst(serving, worker.lost)
  }).pipe(Effect.provide(Worker.layer(assignment.worker)))
