import { Effect } from "effect"
import type { MessageNews } from "../../domain/notifications/Notification.ts"
import { type NewNotification, NotificationLog } from "../../domain/notifications/NotificationLog.ts"
import { Notifier } from "../../domain/notifications/Notifier.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"

/** Tells the connections of people what they have been told of in the log, once that has been committed. */
export const makeRinging = Effect.gen(function* () {
  const notifier = yield* Notifier
  const { afterCommit } = yield* Transaction

  return (news: MessageNews): Effect.Effect<void> => afterCommit(notifier.tell(news), notifier.wake([news.to]))
})

/**
 * Tells people of a change, once and as the last thing in its transaction, and wakes their connections once that has been
 * committed.
 */
export const makeTelling = Effect.gen(function* () {
  const log = yield* NotificationLog
  const notifier = yield* Notifier
  const { afterCommit } = yield* Transaction

  return (entries: ReadonlyArray<NewNotification>): Effect.Effect<void> => {
    if (entries.length === 0) return Effect.void
    const told = [...new Set(entries.map(({ to }) => to))]
    return Effect.andThen(log.append(entries), afterCommit(notifier.wake(told)))
  }
})
