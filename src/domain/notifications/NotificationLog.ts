import { Context, type DateTime, Duration, type Effect, Schema } from "effect"
import type { AccountId } from "../accounts/Account.ts"
import type { KeptNotification, Notification, NotificationId } from "./Notification.ts"

/** What was missed is not all there any more. */
export class LogTooOld extends Schema.TaggedError<LogTooOld>()("LogTooOld", {}) {}

export interface NewNotification {
  readonly to: AccountId
  readonly notification: Notification
}

/** Since when what becomes of an address book is kept. */
export interface KeptAddressBook {
  readonly since: DateTime.Utc
  /** Whether it was not before, or somebody else began it at the same moment. */
  readonly begun: boolean
}

/** Of each account. */
export const mostKept = 1000
export const keptFor = Duration.weeks(1)

/** The latest notifications of each account: at most 1000, and none older than a week. */
export class NotificationLog extends Context.Service<
  NotificationLog,
  {
    /**
     * In the transaction of the change that it tells of, as the last thing there: from then on, whoever tells one of the
     * same accounts waits for its end. Those told by one transaction must be given in one call, in any order. An account
     * that is gone is told nothing.
     */
    append(entries: ReadonlyArray<NewNotification>): Effect.Effect<void>
    /**
     * From now on the repositories of contacts and notes append what they change, in the same statement. Few accounts have clients that want to be told of that: for all others nothing is kept.
     */
    keepAddressBook(account: AccountId): Effect.Effect<KeptAddressBook>
    /** Those of the account after `after`, oldest first, at most `limit`. It knows none that is newer than its newest. */
    listAfter(
      account: AccountId,
      after: NotificationId | 0,
      limit: number
    ): Effect.Effect<ReadonlyArray<KeptNotification>, LogTooOld>
    /**
     * Those of the account made at or after `since`, oldest first, at most `limit`. One shows a moment after it was made,
     * when it was committed, and never before one that was made earlier.
     */
    listSince(
      account: AccountId,
      since: DateTime.Utc,
      limit: number
    ): Effect.Effect<ReadonlyArray<KeptNotification>, LogTooOld>
    /** The newest id of each of the accounts that have any. */
    newest(accounts: ReadonlyArray<AccountId>): Effect.Effect<ReadonlyMap<AccountId, NotificationId>>
    /** Removes those made before that, of all accounts. */
    deleteBefore(before: DateTime.Utc): Effect.Effect<void>
  }
>()("rookery/domain/notifications/NotificationLog") {}
