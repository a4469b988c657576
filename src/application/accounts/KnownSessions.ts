import { Array as Arr, Cache, DateTime, Duration, Effect, Exit, Schedule, Stream } from "effect"
import { Revocations } from "../../domain/accounts/Revocations.ts"
import { Session, type SessionId } from "../../domain/accounts/Session.ts"
import { SessionRepository } from "../../domain/accounts/SessionRepository.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"
import { makeOutage } from "../events/Outage.ts"
import { LastUses } from "./LastUses.ts"

/** Bounds the memory of known sessions to some 20 MB; the least recently used is forgotten first. */
const mostKnown = 50_000

/** How long a revocation that no message told of can stay unknown to an instance. */
const sweepEvery = Duration.seconds(5)

/** Each look reaches back this far: over transactions that committed late, and clocks of instances that differ. */
const sweepReach = Duration.minutes(1)

/** Ended sessions are kept this long, for instances that hear of it late. */
const keepEnded = Duration.days(1)

/** Last uses that one statement writes: nobody waits longer than a moment for the rows that it locks. */
const writtenAtOnce = 1000

/** How many announcements are under way at once when many sessions end together. */
const announcedAtOnce = 100

export interface KnownSessions extends Effect.Success<typeof makeKnownSessions> {}

/** The sessions that this instance knows, so that a request costs no look at the database. None outlives its end here. */
export const makeKnownSessions = Effect.gen(function* () {
  const repository = yield* SessionRepository
  const revocations = yield* Revocations
  const transaction = yield* Transaction
  const uses = new LastUses(mostKnown)

  const findActive = (id: SessionId) => Effect.flatMap(DateTime.now, (now) => repository.findActive(id, now))

  const known = yield* Cache.makeWith(findActive, {
    capacity: mostKnown,
    timeToLive: (exit) => (Exit.isSuccess(exit) ? Duration.infinity : Duration.zero)
  })
  const invalidate = (ids: ReadonlyArray<SessionId>) =>
    Effect.forEach(ids, (id) => Cache.invalidate(known, id), { discard: true })

  yield* revocations.changes.pipe(
    Stream.runForEach((change) =>
      change._tag === "Ended" ? Cache.invalidate(known, change.sessionId) : Cache.invalidateAll(known)
    ),
    Effect.forkScoped({ startImmediately: true })
  )

  // A message can be lost with the instance that meant to send it; the repository forgets nothing.
  const sweep = Effect.gen(function* () {
    const since = DateTime.subtractDuration(yield* DateTime.now, sweepReach)
    yield* invalidate(yield* repository.listEndedSince(since))
  })
  // Sessions go with their account, and what is gone is not listed among what has ended.
  const writeUses = Effect.gen(function* () {
    for (const unwritten of Arr.chunksOf(uses.unwritten, writtenAtOnce)) {
      const gone = yield* repository.saveLastUses(unwritten)
      uses.written(unwritten)
      yield* invalidate(gone)
    }
  })
  const tidy = Effect.flatMap(DateTime.now, (now) =>
    repository.deleteEndedBefore(DateTime.subtractDuration(now, keepEnded))
  )
  const outage = yield* makeOutage("The database of sessions")
  const background = (task: Effect.Effect<void>, every: Duration.Duration) =>
    task.pipe(
      Effect.andThen(outage.ended),
      Effect.catchCause(outage.began),
      Effect.schedule(Schedule.spaced(every)),
      Effect.forkScoped
    )
  yield* background(sweep, sweepEvery)
  yield* background(writeUses, Duration.minutes(1))
  yield* background(tidy, Duration.hours(1))

  const lookUp = Effect.fnUntraced(function* (id: SessionId, now: DateTime.Utc) {
    if (!(yield* revocations.connected)) return yield* repository.findActive(id, now)
    const session = yield* Cache.get(known, id)
    if (DateTime.isGreaterThan(session.expiresAt, now)) return session
    // It may have been extended since it became known.
    yield* Cache.invalidate(known, id)
    return yield* Cache.get(known, id)
  })

  /** An active session that is being used. Costs no round trip once it is known, while other instances can be heard. */
  const use = Effect.fnUntraced(function* (id: SessionId) {
    const now = yield* DateTime.now
    const session = yield* lookUp(id, now)
    uses.note(id, now)
    return session
  })

  /** The session as it was read, and used since on this instance. */
  const withLastUse = (session: Session): Session => {
    const noted = uses.get(session.id)
    if (noted === undefined || DateTime.isLessThanOrEqualTo(noted, session.lastUsedAt)) return session
    return new Session({ ...session, lastUsedAt: noted })
  }

  /** Tells every instance, once it is committed that they ended: any sooner, and one could come to know them again. */
  const forget = (ids: ReadonlyArray<SessionId>) =>
    transaction.afterCommit(
      Effect.andThen(
        invalidate(ids),
        Effect.forEach(ids, revocations.announce, { concurrency: announcedAtOnce, discard: true })
      )
    )

  /** Ends a session, and forgets it. Who asked for that may have gone before it is known that it has ended. */
  const ending = <A, E>(id: SessionId, end: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    end.pipe(
      Effect.tap(() => forget([id])),
      Effect.onInterrupt(() => forget([id]))
    )

  return { use, withLastUse, forget, ending }
})
