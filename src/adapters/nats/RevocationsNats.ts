import { Effect, Layer, Option, PubSub, Schedule, Schema, Stream } from "effect"
import { type Revocation, Revocations } from "../../domain/accounts/Revocations.ts"
import { SessionId } from "../../domain/accounts/Session.ts"
import { type LiveConnection, NatsConnection } from "./NatsConnection.ts"

/** Changes that are kept for a reader that lags; one that lags further is told that it missed some. */
const backlog = 4096

/** Announcements that are kept while the server is away. The repository knows of those that are more, and older. */
const mostUnsent = 10_000

/** How long whoever announces waits for the server to have it. */
const patience = "500 millis"

const missed: Revocation = { _tag: "Missed" }
const isSessionId = Schema.is(SessionId)

class FlushError extends Schema.TaggedError<FlushError>()("FlushError", { cause: Schema.Defect() }) {}

/**
 * Tells of ended sessions on the plain subject `<prefix>.sessions.ended`, the session's id as text. Nothing is stored:
 * who was away meanwhile is told `Missed`, when the connection is lost and again when this instance hears others.
 */
export const RevocationsNats = Layer.effect(
  Revocations,
  Effect.gen(function* () {
    const connection = yield* NatsConnection
    const subject = `${connection.subjectPrefix}.sessions.ended`
    const changes = yield* PubSub.sliding<Revocation>(backlog)
    const unsent = new Set<SessionId>()
    let hearing: LiveConnection | undefined

    const emit = (change: Revocation) =>
      Effect.flatMap(PubSub.isFull(changes), (full) => PubSub.publish(changes, full ? missed : change))

    /** Returns when the server has seen everything before. */
    const flush = ({ core }: LiveConnection) =>
      Effect.tryPromise({ try: () => core.flush(), catch: (cause) => new FlushError({ cause }) })

    const send = Effect.fnUntraced(function* (live: LiveConnection, ids: ReadonlyArray<SessionId>) {
      yield* Effect.try({
        try: () => ids.forEach((id) => live.core.publish(subject, id)),
        catch: (cause) => new FlushError({ cause })
      })
      yield* flush(live)
      ids.forEach((id) => unsent.delete(id))
    })

    const keep = (id: SessionId) => {
      for (const oldest of unsent) {
        if (unsent.size < mostUnsent) break
        unsent.delete(oldest)
      }
      unsent.add(id)
    }

    const listen = (live: LiveConnection) =>
      Effect.acquireRelease(
        Effect.sync(() =>
          live.core.subscribe(subject, {
            callback: (error, message) => {
              if (error !== null) hearing = undefined
              else if (isSessionId(message.string())) {
                Effect.runSync(emit({ _tag: "Ended", sessionId: SessionId.make(message.string()) }))
              }
            }
          })
        ),
        (subscription) =>
          Effect.sync(() => {
            hearing = undefined
            subscription.unsubscribe()
          })
      )

    yield* connection
      .whileLive((live) =>
        Effect.gen(function* () {
          yield* Effect.addFinalizer(() => emit(missed))
          yield* listen(live)
          // The server has the subscription when it answers; from here on nothing is missed.
          yield* Effect.retry(flush(live), Schedule.spaced(patience))
          yield* emit(missed)
          hearing = live
          yield* Effect.suspend(() => (unsent.size === 0 ? Effect.void : send(live, [...unsent]))).pipe(
            Effect.ignore,
            Effect.schedule(Schedule.spaced("1 second"))
          )
        }).pipe(Effect.scoped, Effect.orDie)
      )
      .pipe(Effect.forkScoped)

    const announce = Effect.fn("Revocations.announce")(function* (id: SessionId) {
      yield* emit({ _tag: "Ended", sessionId: id })
      keep(id)
      const live = Option.getOrUndefined(yield* connection.live)
      if (live === undefined) return
      yield* send(live, [id]).pipe(Effect.timeoutOption(patience), Effect.ignore)
    })

    return Revocations.of({
      announce,
      changes: Stream.fromPubSub(changes),
      connected: Effect.map(connection.live, (live) => hearing !== undefined && hearing === Option.getOrUndefined(live))
    })
  })
)
