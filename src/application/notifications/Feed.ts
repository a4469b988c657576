import { DateTime, Effect, FiberSet, Semaphore } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import { AccountRepository } from "../../domain/accounts/AccountRepository.ts"
import {
  type KeptNotification,
  type MessageNews,
  type NotificationId,
  type Topic,
  topicOf
} from "../../domain/notifications/Notification.ts"
import { NotificationLog } from "../../domain/notifications/NotificationLog.ts"
import type { PhoneDigits } from "../../domain/shared/PhoneNumber.ts"
import type { Outage } from "../events/Outage.ts"
import { makeBeginnings } from "./Beginning.ts"
import type { LiveEvent } from "./LiveEvent.ts"
import { countMessage } from "./LiveMetrics.ts"
import type { Member, Position, Room, Rooms } from "./Rooms.ts"
import type { Since } from "./Since.ts"

/** Events that are read at once. */
const pageSize = 100

/** Accounts that are read for at once, so that requests find the database free when all clients come at once. */
const readAtOnce = 16
/** Those whose messages become delivered at once, for the same reason. */
const deliveredAtOnce = 16

export interface FeedOptions {
  readonly rooms: Rooms
  readonly outage: Outage
  /** For a member that takes nothing more. */
  readonly forget: (member: Member) => Effect.Effect<unknown>
  /** A client of theirs has been told that there are messages, or has just come to ask for them. Must not fail. */
  readonly delivered: (receiver: AccountId) => Effect.Effect<void>
}

/** Of those whom a page of the log speaks of; null where they have none. */
type Numbers = Map<AccountId, PhoneDigits | null>

const byPosition = (one: Position, other: Position) => one - other

/** Tells the members of rooms what is in the log, each from where it has come to. */
export const makeFeed = Effect.fnUntraced(function* ({ delivered, forget, outage, rooms }: FeedOptions) {
  const log = yield* NotificationLog
  const accounts = yield* AccountRepository
  const beginnings = yield* makeBeginnings
  const tellers = yield* FiberSet.make<void>()
  const reading = Semaphore.makeUnsafe(readAtOnce)
  const delivering = Semaphore.makeUnsafe(deliveredAtOnce)

  const tell = (member: Member, event: LiveEvent) =>
    Effect.flatMap(member.listener.tell(event), (taken) => {
      if (taken) return Effect.as(countMessage(member.listener.topic), true)
      return Effect.as(forget(member), false)
    })

  const numberOf = Effect.fnUntraced(function* (account: AccountId, known: Numbers) {
    const number = known.get(account)
    if (number !== undefined) return number
    const found = yield* accounts.findById(account).pipe(
      Effect.map(({ phoneNumber }) => phoneNumber),
      Effect.catchTag("AccountNotFound", () => Effect.succeed(null))
    )
    known.set(account, found)
    return found
  })

  /** Undefined where the other one has no number any more: there is nobody to name. */
  const eventOf = Effect.fnUntraced(function* ({ createdAt: at, id, notification }: KeptNotification, known: Numbers) {
    if (notification._tag !== "MessagesUpdated") return { ...notification, id, at } satisfies LiveEvent
    const sender = yield* numberOf(notification.with, known)
    return sender === null ? undefined : ({ _tag: "MessagesUpdated", id, at, sender } satisfies LiveEvent)
  })

  const deliver = Effect.fnUntraced(function* (room: Room) {
    while (room.undelivered) {
      room.undelivered = false
      yield* delivering.withPermit(delivered(room.accountId))
    }
    room.delivering = false
  })

  /** Nobody has to wait for it; what comes while it is under way goes together afterwards. */
  const deliverSoon = (room: Room): Effect.Effect<void> =>
    Effect.suspend(() => {
      room.undelivered = true
      if (room.delivering) return Effect.void
      room.delivering = true
      return Effect.asVoid(FiberSet.run(tellers, deliver(room)))
    })

  /**
   * Whether somebody has now been told of messages. `previous` is where whoever has been told of all before it is: who
   * comes in the middle of a page and lags behind further than that has a page of their own to come.
   */
  const tellOf = Effect.fnUntraced(function* (
    room: Room,
    previous: Position,
    id: NotificationId,
    topic: Topic,
    look: Effect.Effect<LiveEvent | undefined>
  ) {
    const behind = [...room.members].filter(
      ({ position }) => position !== undefined && position >= previous && position < id
    )
    const asking = behind.filter(({ listener }) => listener.topic === topic)
    const event = asking.length === 0 ? undefined : yield* look
    for (const member of behind) member.position = id
    if (event === undefined) return false
    const taken = yield* Effect.forEach(asking, (member) => tell(member, event))
    return event._tag === "MessagesUpdated" && taken.includes(true)
  })

  /** The log has nothing else for anybody here: ids have no gaps. */
  const isNext = (room: Room, id: NotificationId) =>
    [...room.members].every(({ position }) => position === undefined || position >= id - 1)

  const tellNews = Effect.fnUntraced(function* (room: Room, { at, id, phone }: MessageNews) {
    const event = Effect.succeed<LiveEvent>({ _tag: "MessagesUpdated", id, at, sender: phone })
    if (yield* tellOf(room, 0, id, "talk", event)) yield* deliverSoon(room)
  })

  /** More was forgotten than a connection has been told: it begins anew, and says so. */
  const startOver = Effect.fnUntraced(function* (room: Room, lost: Position) {
    const newest = yield* beginnings.newestOf(room.accountId)
    const at = yield* DateTime.now
    for (const member of room.members) {
      if (member.position !== lost) continue
      member.position = newest
      yield* tell(member, { _tag: "Connected", at, newest, resumed: false })
    }
  })

  const catchUp = Effect.fnUntraced(function* (room: Room) {
    for (;;) {
      const [from] = [...room.members].flatMap(({ position }) => position ?? []).sort(byPosition)
      if (from === undefined) return
      const page = yield* log
        .listAfter(room.accountId, from, pageSize)
        .pipe(Effect.catchTag("LogTooOld", () => Effect.succeed(undefined)))
      if (page === undefined) {
        yield* startOver(room, from)
        continue
      }
      const known: Numbers = new Map()
      const messages = yield* Effect.forEach(page, (kept, index) =>
        tellOf(room, page[index - 1]?.id ?? from, kept.id, topicOf(kept.notification), eventOf(kept, known))
      )
      if (messages.includes(true)) yield* deliverSoon(room)
      if (page.length < pageSize) return
    }
  })

  const run = (room: Room, news: MessageNews | undefined) =>
    Effect.gen(function* () {
      let seen = room.wakes
      if (news !== undefined && isNext(room, news.id)) {
        yield* tellNews(room, news)
        if (seen === room.wakes) {
          room.busy = false
          return
        }
      }
      do {
        seen = room.wakes
        yield* reading.withPermit(catchUp(room))
      } while (seen !== room.wakes)
      room.busy = false
      yield* outage.ended
    }).pipe(
      Effect.catchCause((cause) => {
        room.busy = false
        return outage.began(cause)
      })
    )

  /** There is something new in the log, or may be. It is looked up, but for news that come one after the other. */
  const wake = (room: Room, news?: MessageNews): Effect.Effect<void> =>
    Effect.suspend(() => {
      room.wakes += 1
      if (room.busy) return Effect.void
      room.busy = true
      return Effect.asVoid(FiberSet.run(tellers, run(room, news)))
    })

  /** Tells a member that it is connected, and from then on what is new. */
  const begin = Effect.fnUntraced(function* (room: Room, member: Member, since: Since | undefined) {
    const { accountId } = room
    const seen = room.wakes
    const { newest, position, resumed } = yield* beginnings.find(accountId, member.listener.topic, since)
    if (!rooms.has(member)) return
    yield* tell(member, { _tag: "Connected", at: yield* DateTime.now, newest, resumed })
    member.position = position
    if (position !== newest || seen !== room.wakes) yield* wake(room)
    if (member.listener.topic === "talk") yield* deliverSoon(room)
  }, reading.withPermit)

  return { begin, wake }
})
