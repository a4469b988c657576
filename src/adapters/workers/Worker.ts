import { Context, Deferred, Duration, Effect, FiberSet, Layer, Option, Schema } from "effect"
import { FromPrimary, type FromWorker, type Said } from "./WorkerMessages.ts"

/** The process that started this one has gone without a word. */
export class PrimaryGone extends Schema.TaggedError<PrimaryGone>()("PrimaryGone", {}) {
  override get message() {
    return "the process that started this one is gone"
  }
}

/** The primary takes a second to ask the others. */
const patience = Duration.seconds(2)

/** This process, one of several with one task. */
export class Worker extends Context.Service<
  Worker,
  {
    /** From 1 on. Who takes this one's place after its end has its number. */
    readonly number: number
    /** Tells the primary that this one serves. */
    readonly up: Effect.Effect<void>
    /** Tells the primary why this one ends. */
    failed(reason: string): Effect.Effect<void>
    /**
     * What each worker, this one as well, answers to a question; within 2 seconds. Without a text are those that did not
     * answer. None at all where the primary does not answer itself.
     */
    ask(about: string, detail?: string): Effect.Effect<ReadonlyArray<Said>>
    /** From now on, what this one answers when somebody asks about that. */
    answer(about: string, text: (detail: string) => Effect.Effect<string>): Effect.Effect<void>
    /** Never returns until it fails. */
    readonly lost: Effect.Effect<never, PrimaryGone>
  }
>()("rookery/adapters/workers/Worker") {
  /** Of a process that `workers` started. */
  static readonly layer = (number: number) => Layer.effect(Worker, make(number))
}

const decode = Schema.decodeUnknownOption(FromPrimary)

/** Returns when the message is on its way; it is lost where the primary is gone. */
const tell = (message: FromWorker) =>
  Effect.callback<void>((resume) => {
    if (process.send === undefined || !process.connected) return resume(Effect.void)
    process.send(message, undefined, {}, () => resume(Effect.void))
  })

const make = Effect.fnUntraced(function* (number: number) {
  const run = yield* FiberSet.makeRuntime<never>()
  const gone = yield* Deferred.make<never, PrimaryGone>()
  const waiting = new Map<number, Deferred.Deferred<ReadonlyArray<Said>>>()
  const answers = new Map<string, (detail: string) => Effect.Effect<string>>()
  let questions = 0

  const hear = (message: FromPrimary) => {
    if (message._tag === "Answers") {
      const asked = waiting.get(message.id)
      if (asked !== undefined) Deferred.doneUnsafe(asked, Effect.succeed(message.answers))
      return
    }
    const answer = answers.get(message.about)
    if (answer === undefined) return
    run(Effect.flatMap(answer(message.detail), (text) => tell({ _tag: "Answer", id: message.id, text })))
  }
  const heard = (message: unknown) => void Option.map(decode(message), hear)
  const disconnected = () => Deferred.doneUnsafe(gone, Effect.fail(new PrimaryGone()))
  yield* Effect.acquireRelease(
    Effect.sync(() => process.on("message", heard).on("disconnect", disconnected)),
    () => Effect.sync(() => process.off("message", heard).off("disconnect", disconnected))
  )

  const ask = (about: string, detail = "") =>
    Effect.suspend(() => {
      questions += 1
      const id = questions
      const asked = Deferred.makeUnsafe<ReadonlyArray<Said>>()
      waiting.set(id, asked)
      return tell({ _tag: "Question", id, about, detail }).pipe(
        Effect.andThen(Deferred.await(asked)),
        Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.succeed<ReadonlyArray<Said>>([]) }),
        Effect.ensuring(Effect.sync(() => waiting.delete(id)))
      )
    })

  return Worker.of({
    number,
    up: tell({ _tag: "Up" }),
    failed: (reason) => tell({ _tag: "Failed", reason }),
    ask,
    answer: (about, text) => Effect.sync(() => void answers.set(about, text)),
    lost: Deferred.await(gone)
  })
})
