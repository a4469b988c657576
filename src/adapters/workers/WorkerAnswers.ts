import { Deferred, Duration, Effect, Option } from "effect"
import type { Said } from "./WorkerMessages.ts"
import type { WorkerProcess } from "./WorkerProcess.ts"

/** How long the workers may take to answer; who takes longer is left out. */
const patience = Duration.seconds(1)

interface Asked {
  readonly about: string
  readonly detail: string
}

/** Asks workers, and knows which answer is to which question. */
export const workerAnswers = () => {
  const waiting = new Map<number, Deferred.Deferred<string>>()
  let questions = 0

  const ask = (worker: WorkerProcess, { about, detail }: Asked) =>
    Effect.suspend(() => {
      questions += 1
      const id = questions
      const answer = Deferred.makeUnsafe<string>()
      waiting.set(id, answer)
      worker.tell({ _tag: "Question", id, about, detail })
      return Effect.timeoutOption(Deferred.await(answer), patience).pipe(
        Effect.ensuring(Effect.sync(() => waiting.delete(id)))
      )
    })

  return {
    /** Asks all of them at once; within a second. */
    askAll: (
      workers: ReadonlyArray<{
        readonly number: number
        readonly restarts: number
        /** Undefined where it is not up. */
        readonly process: WorkerProcess | undefined
      }>,
      asked: Asked
    ): Effect.Effect<ReadonlyArray<Said>> =>
      Effect.forEach(
        workers,
        ({ number, process, restarts }) =>
          Effect.map(process === undefined ? Effect.succeedNone : ask(process, asked), (answer) => ({
            worker: number,
            restarts,
            ...Option.match(answer, { onNone: () => ({}), onSome: (text) => ({ text }) })
          })),
        { concurrency: "unbounded" }
      ),
    /** Takes an answer; one that nobody waits for any more is passed over. */
    answered: (id: number, text: string) => {
      const answer = waiting.get(id)
      if (answer !== undefined) Deferred.doneUnsafe(answer, Effect.succeed(text))
    }
  }
}
