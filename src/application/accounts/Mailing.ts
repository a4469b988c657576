import { Effect } from "effect"
import { MailQueue, type MailRequest } from "../../domain/accounts/MailQueue.ts"
import { OutboxSignal } from "../../domain/events/OutboxSignal.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"

/** Asks for a mail, and wakes what sends it once that has been committed. */
export const makeMailing = Effect.gen(function* () {
  const mails = yield* MailQueue
  const signal = yield* OutboxSignal
  const transaction = yield* Transaction

  return (mail: MailRequest): Effect.Effect<void> =>
    Effect.andThen(mails.enqueue(mail), transaction.afterCommit(signal.notifyOf(["mail"])))
})
