import { Context, DateTime, Effect, Exit, Layer, Result, Schema, Semaphore } from "effect"
import { emptyWorld, type World } from "./World.ts"

/** What a foreign or primary key stands for. A repository dies of it, as it does of the database's refusal. */
export class KeyViolation extends Schema.TaggedError<KeyViolation>()("KeyViolation", { key: Schema.String }) {}

/** What was answered, and the world after it; or why there is no change. */
export type Change<A, E> = Result.Result<readonly [answer: A, after: World], E>

interface OpenTransaction {
  world: World
  ended: boolean
}

const CurrentTransaction = Context.Reference<OpenTransaction | undefined>(
  "rookery/adapters/memory/MemoryWorld/CurrentTransaction",
  { defaultValue: () => undefined }
)

/**
 * The database of the memory repositories. Transactions run one after the other, and changes outside of them wait their
 * turn; who only looks never waits, and sees what is committed.
 */
export class MemoryWorld extends Context.Service<
  MemoryWorld,
  {
    read<A>(look: (world: World, now: DateTime.Utc) => A): Effect.Effect<A>
    /** Applies one change as a whole. */
    change<A, E = never>(make: (world: World, now: DateTime.Utc) => Change<A, E>): Effect.Effect<A, E>
    /** Inside another transaction it is undone alone when it fails, and committed with the outer one. */
    atomic<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
    /** Counts up from 1 for each table. As with identity columns, what was rolled back leaves a gap. */
    nextId(table: keyof World): number
  }
>()("rookery/adapters/memory/MemoryWorld") {
  static readonly layer = Layer.sync(MemoryWorld, () => {
    const committed: OpenTransaction = { world: emptyWorld, ended: false }
    const turn = Semaphore.makeUnsafe(1)
    const lastIds = new Map<keyof World, number>()

    const apply = <A, E>(target: OpenTransaction, make: (world: World, now: DateTime.Utc) => Change<A, E>) =>
      Effect.flatMap(DateTime.now, (now): Effect.Effect<A, E> => {
        if (target.ended) return Effect.die(new Error("The transaction has ended."))
        const change = make(target.world, now)
        if (Result.isFailure(change)) return Effect.fail(change.failure)
        const [answer, after] = change.success
        target.world = after
        return Effect.succeed(answer)
      })

    const begin = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.suspend(() => {
        const transaction: OpenTransaction = { world: committed.world, ended: false }
        return Effect.provideService(effect, CurrentTransaction, transaction).pipe(
          Effect.onExit((exit) =>
            Effect.sync(() => {
              transaction.ended = true
              if (Exit.isSuccess(exit)) committed.world = transaction.world
            })
          )
        )
      })

    const nest = <A, E, R>(transaction: OpenTransaction, effect: Effect.Effect<A, E, R>) =>
      Effect.suspend(() => {
        const { world } = transaction
        return Effect.onError(effect, () => Effect.sync(() => (transaction.world = world)))
      })

    return MemoryWorld.of({
      read: (look) =>
        Effect.flatMap(CurrentTransaction, (transaction) =>
          Effect.map(DateTime.now, (now) => look((transaction ?? committed).world, now))
        ),
      change: (make) =>
        Effect.flatMap(CurrentTransaction, (transaction) =>
          transaction === undefined ? turn.withPermit(apply(committed, make)) : apply(transaction, make)
        ),
      atomic: (effect) =>
        Effect.flatMap(CurrentTransaction, (transaction) =>
          transaction === undefined ? turn.withPermit(begin(effect)) : nest(transaction, effect)
        ),
      nextId: (table) => {
        const id = (lastIds.get(table) ?? 0) + 1
        lastIds.set(table, id)
        return id
      }
    })
  })
}
