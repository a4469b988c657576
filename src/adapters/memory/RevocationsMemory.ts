import { Context, Effect, Layer, PubSub, Stream } from "effect"
import { type Revocation, Revocations } from "../../domain/accounts/Revocations.ts"

/** Changes that are kept for a reader that lags; one that lags further is told that it missed some. */
const backlog = 1024

const missed: Revocation = { _tag: "Missed" }

/** The bus between instances, to be taken away and given back. */
export class MemoryBus extends Context.Service<
  MemoryBus,
  {
    /** From now on nobody hears of anything, and `connected` is false. */
    readonly disconnect: Effect.Effect<void>
    /** Everybody is told that messages may have been missed. */
    readonly reconnect: Effect.Effect<void>
  }
>()("rookery/adapters/memory/RevocationsMemory/MemoryBus") {}

/** Connected until a test says otherwise by {@link MemoryBus}. Instances that share this layer hear each other. */
export const RevocationsMemory = Layer.effectContext(
  Effect.gen(function* () {
    const changes = yield* PubSub.sliding<Revocation>(backlog)
    let connected = true
    const tell = (change: Revocation) =>
      Effect.flatMap(PubSub.isFull(changes), (full) => PubSub.publish(changes, full ? missed : change))

    return Context.make(
      Revocations,
      Revocations.of({
        announce: (sessionId) => Effect.suspend(() => (connected ? tell({ _tag: "Ended", sessionId }) : Effect.void)),
        changes: Stream.fromPubSub(changes),
        connected: Effect.sync(() => connected)
      })
    ).pipe(
      Context.add(
        MemoryBus,
        MemoryBus.of({
          disconnect: Effect.sync(() => {
            connected = false
          }),
          reconnect: Effect.map(tell(missed), () => {
            connected = true
          })
        })
      )
    )
  })
)
