import { Context, Effect, Exit, type Fiber } from "effect"
import type { SqlClient } from "effect/sql"

/** What somebody waits for. Only the first answer counts. */
export interface Asked<in out A, in out B, in out E> {
  readonly request: A
  readonly answer: (exit: Exit.Exit<B, E>) => void
}

const unanswered = Exit.die(new Error("A request that was gathered was not answered"))

/**
 * Gathers what is asked for in one turn of the event loop, and has it answered together, at most `most` at a time. Nothing
 * waits longer than for the end of that turn. Whoever is not answered by `together` gets its failure.
 *
 * This is what Effect's `RequestResolver` does. That one keeps its batches for the next ones, though, and with them V8
 * took what had been waited for to be in use: a sixth of all that requests had made outlived them until the next full
 * collection.
 */
export const gathered = <A, B, E>(
  most: number,
  together: (asked: ReadonlyArray<Asked<A, B, E>>) => Effect.Effect<void, E>
): ((request: A) => Effect.Effect<B, E>) => {
  let waiting: Array<Asked<A, B, E>> = []

  const send = (asked: ReadonlyArray<Asked<A, B, E>>, context: Context.Context<never>) => {
    Effect.runForkWith(context)(together(asked)).addObserver((exit) => {
      for (const { answer } of asked) answer(Exit.isFailure(exit) ? Exit.failCause(exit.cause) : unanswered)
    })
  }

  const sendWaiting = (context: Context.Context<never>) => {
    const all = waiting
    waiting = []
    if (all.length <= most) {
      if (all.length > 0) send(all, context)
      return
    }
    for (let from = 0; from < all.length; from += most) send(all.slice(from, from + most), context)
  }

  return (request) =>
    Effect.withFiber(({ context }) =>
      Effect.callback<B, E>((resume) => {
        const asked = { request, answer: resume }
        if (waiting.push(asked) === 1) setImmediate(sendWaiting, context)
        return Effect.sync(() => {
          waiting = waiting.filter((other) => other !== asked)
        })
      })
    )
}

/** What is within a transaction has its connection, and can't be served by a statement on another. */
export const inTransaction = (sql: SqlClient.SqlClient, { context }: Fiber.Fiber<unknown, unknown>): boolean =>
  Context.getOrUndefined(context, sql.transactionService) !== undefined
