import { Context, type Effect } from "effect"

export class Transaction extends Context.Service<
  Transaction,
  {
    /** Everything inside commits together or not at all; inside another transaction it joins that one. */
    readonly atomic: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  }
>()("rookery/domain/shared/Transaction") {}
