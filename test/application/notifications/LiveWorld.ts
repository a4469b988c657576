import { Context, Duration, Effect, Layer } from "effect"
import { Sessions } from "../../../src/application/accounts/Sessions.ts"
import type { Ending, Listener } from "../../../src/application/notifications/Listener.ts"
import type { LiveEvent } from "../../../src/application/notifications/LiveEvent.ts"
import { LiveNotifications } from "../../../src/application/notifications/LiveNotifications.ts"
import { parseSince } from "../../../src/application/notifications/Since.ts"
import { makeTelling } from "../../../src/application/notifications/Telling.ts"
import type { AccountId } from "../../../src/domain/accounts/Account.ts"
import type { Session } from "../../../src/domain/accounts/Session.ts"
import type { Notification, Topic } from "../../../src/domain/notifications/Notification.ts"
import { NotificationLog } from "../../../src/domain/notifications/NotificationLog.ts"
import { Transaction } from "../../../src/domain/shared/Transaction.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { somePerson } from "../../contracts/Fixtures.ts"
import { advance, testOn } from "../RookeryTest.ts"

/** Whether the log answers, what it was asked for, and whose messages were said to be delivered. */
export class Seen extends Context.Service<
  Seen,
  { away: boolean; readonly asked: Array<string>; readonly delivered: Array<AccountId> }
>()("test/Seen") {}

const WatchedLog = Layer.effect(
  NotificationLog,
  Effect.gen(function* () {
    const log = yield* NotificationLog
    const seen = yield* Seen
    const watched =
      <Args extends ReadonlyArray<unknown>, A, E>(name: string, call: (...args: Args) => Effect.Effect<A, E>) =>
      (...args: Args) =>
        Effect.suspend(() => {
          seen.asked.push(name)
          return seen.away ? Effect.die("the database is away") : call(...args)
        })
    return NotificationLog.of({
      append: log.append,
      keepAddressBook: watched("keepAddressBook", log.keepAddressBook),
      listAfter: watched("listAfter", log.listAfter),
      listSince: watched("listSince", log.listSince),
      newest: watched("newest", log.newest),
      deleteBefore: log.deleteBefore
    })
  })
)

export const LiveWorld = Layer.mergeAll(
  WatchedLog,
  Sessions.layer({ access: Duration.minutes(15), session: Duration.hours(3) })
).pipe(
  Layer.provideMerge(Layer.sync(Seen, () => ({ away: false, asked: [], delivered: [] }))),
  Layer.provideMerge(MemoryPorts)
)

export const test = testOn(LiveWorld)

/** One instance of those on the same database and bus. */
export const instance = Effect.gen(function* () {
  const { delivered } = yield* Seen
  const layer = LiveNotifications.layer({ delivered: (receiver) => Effect.sync(() => void delivered.push(receiver)) })
  const built = yield* Layer.build(Layer.fresh(layer))
  return Context.get(built, LiveNotifications)
})

export const openSession = Effect.fnUntraced(function* (accountId: AccountId) {
  const sessions = yield* Sessions
  const { session } = yield* sessions.open({ accountId, dialect: "talk", refreshable: false, userAgent: undefined })
  return session
})

/** Somebody with a phone number and a session. */
export const someTalker = Effect.gen(function* () {
  const person = yield* somePerson
  return { ...person, session: yield* openSession(person.id) }
})

/** A client that remembers what it was told. */
export class Client implements Listener {
  readonly session: Session
  readonly topic: Topic
  readonly events: Array<LiveEvent> = []
  readonly endings: Array<Ending> = []
  /** How many more events it takes. */
  takes = Infinity

  constructor(session: Session, topic: Topic = "talk") {
    this.session = session
    this.topic = topic
  }

  tell = (event: LiveEvent) =>
    Effect.sync(() => {
      this.takes -= 1
      if (this.takes >= 0) this.events.push(event)
      return this.takes >= 0
    })
  end = (why: Ending) => Effect.sync(() => void this.endings.push(why))

  /** What it was told since it was asked last: the tag of each event, and its id where it has one. */
  get news(): ReadonlyArray<string> {
    return this.events.splice(0).map((event) => {
      if (event._tag !== "Connected") return `${event._tag} ${event.id}`
      return `Connected ${event.newest}${event.resumed === null ? "" : event.resumed ? " resumed" : " not resumed"}`
    })
  }
}

/** A client that has joined, and has been told all there was. */
export const join = Effect.fnUntraced(function* (
  live: LiveNotifications["Service"],
  session: Session,
  { since, topic }: { readonly since?: string; readonly topic?: Topic } = {}
) {
  const client = new Client(session, topic)
  const parsed = since === undefined ? undefined : parseSince(since)
  yield* live.join(client, parsed?._tag === "Some" ? parsed.value : undefined)
  yield* advance()
  return client
})

/** Commits something to tell an account, and lets everybody hear of it. */
export const tell = Effect.fnUntraced(function* (to: AccountId, ...notifications: ReadonlyArray<Notification>) {
  const telling = yield* makeTelling
  const { atomic } = yield* Transaction
  yield* atomic(telling(notifications.map((notification) => ({ to, notification }))))
  yield* advance()
})

export const contactsUpdated: Notification = { _tag: "ContactsUpdated" }
export const contactChanged: Notification = { _tag: "ContactChanged", change: "updated", contactId: 7 }
