import { DateTime, Duration, Effect } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import { NotificationId, type Topic } from "../../domain/notifications/Notification.ts"
import { type KeptAddressBook, LogTooOld, NotificationLog } from "../../domain/notifications/NotificationLog.ts"
import type { Position } from "./Rooms.ts"
import type { Since } from "./Since.ts"

/** A time reaches so far back: what was made then may have been committed a moment later, and clocks differ. */
const timeReach = Duration.seconds(1)

/** Where a client begins, and what it is told of that. */
export interface Beginning {
  readonly newest: Position
  readonly position: Position
  /** Null where it asked for nothing. */
  readonly resumed: boolean | null
}

const before = (id: NotificationId): Position => (id === 1 ? 0 : NotificationId.make(id - 1))

/** Finds where clients of an account begin. What is not all there any more begins now. */
export const makeBeginnings = Effect.gen(function* () {
  const log = yield* NotificationLog

  /** An id from before such changes were kept is one of other events: what became of the address book since is not there. */
  const after = Effect.fnUntraced(function* (
    account: AccountId,
    id: number,
    newest: Position,
    kept: KeptAddressBook | undefined
  ) {
    if (kept?.begun === true) return yield* new LogTooOld()
    if (id === newest) return newest
    const position: Position = id === 0 ? 0 : NotificationId.make(id)
    const [next] = yield* log.listAfter(account, position, 1)
    if (kept !== undefined && next !== undefined && DateTime.isLessThan(next.createdAt, kept.since)) {
      return yield* new LogTooOld()
    }
    return position
  })

  const at = Effect.fnUntraced(function* (
    account: AccountId,
    time: DateTime.Utc,
    newest: Position,
    kept: KeptAddressBook | undefined
  ) {
    if (kept !== undefined && DateTime.isLessThan(DateTime.addDuration(time, timeReach), kept.since)) {
      return yield* new LogTooOld()
    }
    const [first] = yield* log.listSince(account, DateTime.subtractDuration(time, timeReach), 1)
    return first === undefined ? newest : before(first.id)
  })

  /** The newest event of an account. */
  const newestOf = (account: AccountId): Effect.Effect<Position> =>
    Effect.map(log.newest([account]), (newest) => newest.get(account) ?? 0)

  const find = Effect.fnUntraced(function* (account: AccountId, topic: Topic, since: Since | undefined) {
    const kept = topic === "addressBook" ? yield* log.keepAddressBook(account) : undefined
    const newest = yield* newestOf(account)
    if (since === undefined) return { newest, position: newest, resumed: null } satisfies Beginning
    const position =
      since._tag === "After" ? after(account, since.id, newest, kept) : at(account, since.time, newest, kept)
    return yield* position.pipe(
      Effect.map((position): Beginning => ({ newest, position, resumed: true })),
      Effect.catchTag("LogTooOld", () => Effect.succeed<Beginning>({ newest, position: newest, resumed: false }))
    )
  })

  return { find, newestOf }
})
