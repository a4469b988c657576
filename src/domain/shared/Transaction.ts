import { Cause, Context, Effect, Exit } from "effect"

interface Hook {
  readonly committed: Effect.Effect<void>
  /** Where nobody can tell. */
  readonly unsure: Effect.Effect<void>
}

/** What the transaction under way leaves for its commit; none outside of one. */
const Hooks = Context.Reference<Array<Hook> | undefined>("rookery/domain/shared/Transaction/Hooks", {
  defaultValue: () => undefined
})

/** Who was interrupted, or died, can't tell whether the commit came before that. */
const mayHaveCommitted = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isSuccess(exit) || Cause.hasInterrupts(exit.cause) || Cause.hasDies(exit.cause)

export class Transaction extends Context.Service<
  Transaction,
  {
    /** Everything inside commits together or not at all; inside another transaction it joins that one. */
    readonly atomic: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
    /**
     * Runs the effect when all transactions around it have been committed, before the outermost one answers; at once
     * where there is none. Where nobody can tell whether they have been, `unsure` runs, which has to be harmless then: the
     * same, where nothing else is said.
     */
    readonly afterCommit: (effect: Effect.Effect<void>, unsure?: Effect.Effect<void>) => Effect.Effect<void>
  }
>()("rookery/domain/shared/Transaction") {
  /** The port of a store that can make effects atomic. */
  static readonly make = (atomic: Transaction["Service"]["atomic"]) =>
    Transaction.of({
      atomic: (effect) =>
        Effect.flatMap(Hooks, (outer) => {
          const own: Array<Hook> = []
          return atomic(Effect.provideService(effect, Hooks, own)).pipe(
            Effect.onExit((exit) => {
              if (!mayHaveCommitted(exit)) return Effect.void
              const left = Exit.isSuccess(exit) ? own : own.map(({ unsure }): Hook => ({ committed: unsure, unsure }))
              return outer === undefined
                ? Effect.forEach(left, ({ committed }) => committed, { discard: true })
                : Effect.sync(() => void outer.push(...left))
            })
          )
        }),
      afterCommit: (committed, unsure = committed) =>
        Effect.flatMap(Hooks, (hooks) =>
          hooks === undefined ? committed : Effect.sync(() => void hooks.push({ committed, unsure }))
        )
    })
}
