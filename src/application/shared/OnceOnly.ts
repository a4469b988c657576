import { Context, DateTime, Duration, Effect, Exit, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import type { AccountNotFound } from "../../domain/accounts/Account.ts"
import {
  IdempotencyKeys,
  type KeptResponse,
  type KeyedRequest,
  KeyInUse,
  KeyLost,
  type KeyReused
} from "../../domain/shared/IdempotencyKeys.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"

/** Longer than any request takes; whoever sends it again to a server that was killed waits no longer than this. */
const lease = Duration.minutes(1)

/** How answers are kept and given again. */
export interface Keeping<A> {
  /** Undefined for an answer that is not to be kept: that nothing was done may be otherwise next time. */
  readonly keep: (answer: A) => KeptResponse | undefined
  readonly again: (response: KeptResponse) => A
}

/** What was done for nothing is undone on its way out. */
class NotKept<A> {
  readonly answer: A

  constructor(answer: A) {
    this.answer = answer
  }
}

/** Whoever took the key over may be done with it already: ask again at once. */
const askAgain = Effect.flatMap(DateTime.now, (heldUntil) => Effect.fail(new KeyInUse({ heldUntil })))

/** Acts once on a request that a client sends again under one key, and gives the first answer again. */
export class OnceOnly extends Context.Service<
  OnceOnly,
  {
    /** What the request changes is committed together with its answer: both are kept, or neither. */
    readonly atomically: <A, E, R>(
      request: KeyedRequest,
      keeping: Keeping<A>,
      act: Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | KeyInUse | KeyReused | AccountNotFound, R>
    /** For changes that no transaction holds: a process that dies before its answer is kept may act again. */
    readonly atLeast: <A, E, R>(
      request: KeyedRequest,
      keeping: Keeping<A>,
      act: Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | KeyInUse | KeyReused | AccountNotFound, R>
  }
>()("rookery/application/shared/OnceOnly") {
  static readonly layer = Layer.effect(
    OnceOnly,
    Effect.gen(function* () {
      const keys = yield* IdempotencyKeys
      const random = yield* SecureRandom.SecureRandom
      const { atomic } = yield* Transaction

      /** Holds the key while `act` runs; whatever ends that without an answer to keep gives the key back. */
      const holding = Effect.fnUntraced(function* <A, E, R>(
        request: KeyedRequest,
        { again, keep }: Keeping<A>,
        act: (holder: string) => Effect.Effect<A, E, R>
      ) {
        const holder = yield* random.uuidV4()
        const now = yield* DateTime.now
        return yield* Effect.acquireUseRelease(
          keys.begin(request, holder, lease, now),
          (kept) => (kept === undefined ? act(holder) : Effect.succeed(again(kept))),
          (kept, exit) =>
            kept !== undefined || (Exit.isSuccess(exit) && keep(exit.value) !== undefined)
              ? Effect.void
              : keys.abandon(request, holder)
        )
      })

      return OnceOnly.of({
        atomically: (request, keeping, act) =>
          holding(request, keeping, (holder) =>
            Effect.gen(function* () {
              const answer = yield* act
              const response = keeping.keep(answer)
              if (response === undefined) return yield* Effect.fail(new NotKept(answer))
              yield* keys.complete(request, holder, response)
              return answer
            }).pipe(
              atomic,
              Effect.catchIf(
                (error) => error instanceof NotKept,
                ({ answer }) => Effect.succeed(answer)
              ),
              Effect.catchIf(
                (error) => error instanceof KeyLost,
                () => askAgain
              )
            )
          ),
        atLeast: (request, keeping, act) =>
          holding(request, keeping, (holder) =>
            Effect.tap(act, (answer) => {
              const response = keeping.keep(answer)
              // Whoever has the key by now acts as well: there is nothing to undo.
              return response === undefined ? Effect.void : Effect.ignore(keys.complete(request, holder, response))
            })
          )
      })
    })
  )
}
