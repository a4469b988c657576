import { Array as Arr, Context, Duration, Effect, Layer, Schedule, Stream } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import { NotificationLog } from "../../domain/notifications/NotificationLog.ts"
import { Notifier } from "../../domain/notifications/Notifier.ts"
import { makeOutage } from "../events/Outage.ts"
import { makeFeed } from "./Feed.ts"
import type { Ending, Listener } from "./Listener.ts"
import { countConnected, countDisconnected, countDrop, type Drop, registerLiveMetrics } from "./LiveMetrics.ts"
import { makeLiveSessions } from "./LiveSessions.ts"
import { type Member, Rooms } from "./Rooms.ts"
import type { Since } from "./Since.ts"

/**
 * Connections that an account may have on one instance, and as many that are told of nothing here. Where one more comes,
 * the oldest has to go.
 */
export const mostConnections = 20

/** What no wake told of is found by looking this often. */
const pollEvery = Duration.seconds(5)
const polledAtOnce = 1000

const drops: Record<Ending, Drop> = {
  SessionEnded: "session_ended",
  Replaced: "replaced",
  Unavailable: "unavailable"
}

export interface LiveNotificationsOptions {
  /** Called when messages have reached a client of the receiver, or are about to: it has just come. */
  readonly delivered: (receiver: AccountId) => Effect.Effect<void>
}

/** Who is connected to this instance, and what they are told. What there is to tell lies in the {@link NotificationLog}. */
export class LiveNotifications extends Context.Service<
  LiveNotifications,
  {
    /**
     * From now on the listener is told: first that it is connected, then what it missed since it was away, then what
     * happens. It is forgotten when its session ends, and when it takes nothing more; until then the caller has to
     * {@link leave}. Returns when it has been told that it is connected. A silent one is told nothing.
     */
    join(listener: Listener, since?: Since): Effect.Effect<void>
    /** The listener has gone. */
    leave(listener: Listener): Effect.Effect<void>
  }
>()("rookery/application/notifications/LiveNotifications") {
  static readonly layer = ({ delivered }: LiveNotificationsOptions) =>
    Layer.effect(
      LiveNotifications,
      Effect.gen(function* () {
        const log = yield* NotificationLog
        const notifier = yield* Notifier
        const rooms = new Rooms()
        const outage = yield* makeOutage("The database of notifications")
        yield* registerLiveMetrics

        const forget = (member: Member) =>
          Effect.suspend(() =>
            rooms.remove(member) ? Effect.as(countDisconnected(member.listener), true) : Effect.succeed(false)
          )

        const end = (member: Member, why: Ending) =>
          Effect.flatMap(forget(member), (was) =>
            was ? Effect.andThen(countDrop(drops[why]), member.listener.end(why)) : Effect.void
          )

        const feed = yield* makeFeed({
          rooms,
          outage,
          forget,
          delivered: (receiver) => Effect.catchCause(delivered(receiver), outage.began)
        })
        const sessions = yield* makeLiveSessions({ rooms, outage, end: (member) => end(member, "SessionEnded") })

        const poll = Effect.gen(function* () {
          for (const chunk of Arr.chunksOf(rooms.accounts, polledAtOnce)) {
            const newest = yield* log.newest(chunk)
            for (const accountId of chunk) {
              const room = rooms.of(accountId)
              if (room !== undefined && rooms.isBehind(room, newest.get(accountId) ?? 0)) yield* feed.wake(room)
            }
          }
          yield* outage.ended
        }).pipe(Effect.catchCause(outage.began))

        yield* notifier.wakes.pipe(
          Stream.runForEach((wake) => {
            if (wake._tag === "Missed") return poll
            const room = rooms.of(wake.accountId)
            return room === undefined ? Effect.void : feed.wake(room, wake.news)
          }),
          Effect.forkScoped({ startImmediately: true })
        )
        yield* Effect.forkScoped(Effect.schedule(poll, Schedule.spaced(pollEvery)))

        const join = Effect.fn("LiveNotifications.join")(function* (listener: Listener, since?: Since) {
          const [room, member] = rooms.add(listener)
          yield* countConnected(listener)
          const { silent = false } = listener
          const alike = [...room.members].filter((other) => (other.listener.silent ?? false) === silent)
          const [oldest] = alike
          if (oldest !== undefined && alike.length > mostConnections) yield* end(oldest, "Replaced")
          // Its session may have ended after it was looked at, and before anybody here knew of the connection.
          yield* sessions.check(listener.session.id).pipe(
            Effect.andThen(silent ? Effect.void : feed.begin(room, member, since)),
            Effect.catchCause((cause) => Effect.andThen(outage.began(cause), end(member, "Unavailable")))
          )
        })

        const leave = (listener: Listener) =>
          Effect.suspend(() => {
            const member = rooms.memberOf(listener)
            return member === undefined ? Effect.void : Effect.asVoid(forget(member))
          })

        return LiveNotifications.of({ join, leave })
      })
    )
}
