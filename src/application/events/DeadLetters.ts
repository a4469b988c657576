import { Context, Effect, Layer } from "effect"
import { type DeadLetter, Outbox } from "../../domain/events/Outbox.ts"
import { OutboxSignal } from "../../domain/events/OutboxSignal.ts"

/** Events that were given up, for whoever wants to see them or send them again. */
export class DeadLetters extends Context.Service<
  DeadLetters,
  {
    /** The newest first, at most `limit`. */
    list(limit: number): Effect.Effect<ReadonlyArray<DeadLetter>>
    /** Makes those named, or all, pending again, with all their tries before them; how many there were. */
    redeliver(ids: ReadonlyArray<number> | "all"): Effect.Effect<number>
  }
>()("rookery/application/events/DeadLetters") {
  static readonly layer = Layer.effect(
    DeadLetters,
    Effect.gen(function* () {
      const outbox = yield* Outbox
      const signal = yield* OutboxSignal
      return DeadLetters.of({
        list: Effect.fn("DeadLetters.list")(outbox.listDead),
        redeliver: Effect.fn("DeadLetters.redeliver")((ids: ReadonlyArray<number> | "all") =>
          Effect.tap(outbox.redeliver(ids), signal.notify)
        )
      })
    })
  )
}
