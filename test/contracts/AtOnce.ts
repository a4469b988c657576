import { Effect } from "effect"

export const together = { concurrency: "unbounded" } as const

export const atOnce = <A, E, R>(effects: ReadonlyArray<Effect.Effect<A, E, R>>) => Effect.all(effects, together)

/** What became of it, in a word. */
export const outcome = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.match(effect, { onSuccess: () => "done", onFailure: ({ _tag }): string => _tag })
