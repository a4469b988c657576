import { Cause, DateTime, Effect, Queue } from "effect"
import type { Ending, Listener } from "../../application/notifications/Listener.ts"
import type { LiveEvent } from "../../application/notifications/LiveEvent.ts"
import { countDrop } from "../../application/notifications/LiveMetrics.ts"
import type { LiveNotifications } from "../../application/notifications/LiveNotifications.ts"
import { type Session, SessionEnded } from "../../domain/accounts/Session.ts"
import type { Since, TalkNotification } from "./RpcSchemas.ts"
import { NotificationsEnded } from "./TalkRpcs.ts"

/** Notifications that wait for a client to acknowledge the ones before: more than a log that is read from its beginning. */
const mostUnread = 2048

type Told = Queue.Queue<TalkNotification, SessionEnded | NotificationsEnded>

const isOfTalk = (event: LiveEvent): event is TalkNotification =>
  event._tag === "Connected" || event._tag === "ContactsUpdated" || event._tag === "MessagesUpdated"

const listener = (session: Session, told: Told): Listener => ({
  session,
  topic: "talk",
  tell: (event) =>
    Effect.suspend(() => {
      if (!isOfTalk(event) || Queue.offerUnsafe(told, event)) return Effect.succeed(true)
      Queue.failCauseUnsafe(told, Cause.fail(new NotificationsEnded({ reason: "TooSlow" })))
      return Effect.as(countDrop("slow"), false)
    }),
  end: (why: Ending) =>
    Effect.asVoid(
      Queue.fail(
        told,
        why === "SessionEnded" ? new SessionEnded({ id: session.id }) : new NotificationsEnded({ reason: why })
      )
    )
})

/** What the session is told of talk, until the scope closes. */
export const listen = Effect.fnUntraced(function* (
  live: LiveNotifications["Service"],
  session: Session,
  since: Since | undefined
) {
  const told: Told = yield* Queue.dropping<TalkNotification, SessionEnded | NotificationsEnded>(mostUnread)
  const client = listener(session, told)
  yield* Effect.addFinalizer(() => live.leave(client))
  yield* live.join(
    client,
    since === undefined
      ? undefined
      : DateTime.isDateTime(since)
        ? { _tag: "At", time: since }
        : { _tag: "After", id: since }
  )
  return Queue.asDequeue(told)
})
