import { Effect } from "effect"
import { SmsQueue, type SmsRequest } from "../../domain/accounts/SmsQueue.ts"
import { OutboxSignal } from "../../domain/events/OutboxSignal.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"

/** Asks for an SMS, and wakes what sends it once that has been committed. */
export const makeTexting = Effect.gen(function* () {
  const queue = yield* SmsQueue
  const signal = yield* OutboxSignal
  const transaction = yield* Transaction

  return (sms: SmsRequest): Effect.Effect<void> =>
    Effect.andThen(queue.enqueue(sms), transaction.afterCommit(signal.notifyOf(["sms"])))
})
