import { Effect, Layer, Option, PubSub, Schedule, Schema, Stream } from "effect"
import { AccountId } from "../../domain/accounts/Account.ts"
import type { MessageNews } from "../../domain/notifications/Notification.ts"
import { Notifier, type Wake } from "../../domain/notifications/Notifier.ts"
import { type LiveConnection, NatsConnection } from "./NatsConnection.ts"

/** Wakes that are kept for a reader that lags; one that lags further is told that it missed some. */
const backlog = 4096

const missed: Wake = { _tag: "Missed" }
const isAccountId = Schema.is(AccountId)

class FlushError extends Schema.TaggedError<FlushError>()("FlushError", { cause: Schema.Defect() }) {}

/**
 * Wakes on the plain subject `<prefix>.notify.<account id>`, without a body. Nothing is stored: who was away meanwhile is
 * told `Missed` when this instance hears others again. While the server is away, everybody finds out by looking.
 */
export const NotifierNats = Layer.effect(
  Notifier,
  Effect.gen(function* () {
    const connection = yield* NatsConnection
    const prefix = `${connection.subjectPrefix}.notify.`
    const wakes = yield* PubSub.sliding<Wake>(backlog)

    const emit = (wake: Wake) =>
      Effect.flatMap(PubSub.isFull(wakes), (full) => PubSub.publish(wakes, full ? missed : wake))

    const hear = (subject: string) => {
      const accountId = Number(subject.slice(prefix.length))
      if (isAccountId(accountId)) Effect.runSync(emit({ _tag: "Woken", accountId }))
    }

    const listen = ({ core }: LiveConnection) =>
      Effect.acquireRelease(
        Effect.sync(() =>
          core.subscribe(`${prefix}*`, {
            callback: (error, message) => (error === null ? hear(message.subject) : undefined)
          })
        ),
        (subscription) => Effect.sync(() => subscription.unsubscribe())
      )

    /** Returns when the server has seen everything before. */
    const flush = ({ core }: LiveConnection) =>
      Effect.tryPromise({ try: () => core.flush(), catch: (cause) => new FlushError({ cause }) })

    yield* connection
      .whileLive((live) =>
        Effect.gen(function* () {
          yield* listen(live)
          // The server has the subscription when it answers; from here on nothing is missed.
          yield* Effect.retry(flush(live), Schedule.spaced("500 millis"))
          yield* emit(missed)
          return yield* Effect.never
        }).pipe(Effect.scoped, Effect.orDie)
      )
      .pipe(Effect.forkScoped)

    const wakeOthers = Effect.fnUntraced(function* (accounts: ReadonlyArray<AccountId>) {
      const live = Option.getOrUndefined(yield* connection.live)
      if (live === undefined) return
      yield* Effect.ignore(
        Effect.try({
          try: () => accounts.forEach((accountId) => live.core.publish(`${prefix}${accountId}`)),
          catch: (cause) => new FlushError({ cause })
        })
      )
    })

    // The client hears nothing of its own: what this instance is to hear it is told here.
    const wake = (accounts: ReadonlyArray<AccountId>) =>
      Effect.andThen(
        Effect.forEach(accounts, (accountId) => emit({ _tag: "Woken", accountId }), { discard: true }),
        wakeOthers(accounts)
      )
    const tell = (news: MessageNews) =>
      Effect.andThen(emit({ _tag: "Woken", accountId: news.to, news }), wakeOthers([news.to]))

    return Notifier.of({ wake, tell, wakes: Stream.fromPubSub(wakes) })
  })
)
