import { Array as Arr, DateTime, Duration, Effect, Schedule, Stream } from "effect"
import { Revocations } from "../../domain/accounts/Revocations.ts"
import type { SessionId } from "../../domain/accounts/Session.ts"
import { SessionRepository } from "../../domain/accounts/SessionRepository.ts"
import type { Outage } from "../events/Outage.ts"
import type { Member, Rooms } from "./Rooms.ts"

/** How long a connection can outlive its session where no message told of its end. */
const sweepEvery = Duration.seconds(5)

/** Each look reaches back this far before the last: over transactions that committed late, and clocks that differ. */
const sweepReach = Duration.minutes(1)

/** More have ended than the repository lists: each has to be asked for. */
const mostListed = 10_000

const askedAtOnce = 16

/** A session with an open connection is in use. Sessions go with their account, and are found to be gone in this way too. */
const noteUsesEvery = Duration.minutes(10)
const writtenAtOnce = 1000

export interface LiveSessionsOptions {
  readonly rooms: Rooms
  readonly outage: Outage
  readonly end: (member: Member) => Effect.Effect<void>
}

/** Ends the connections of sessions that have ended, or run out, wherever that happened. */
export const makeLiveSessions = Effect.fnUntraced(function* ({ end, outage, rooms }: LiveSessionsOptions) {
  const repository = yield* SessionRepository
  const revocations = yield* Revocations
  let lastSweep = yield* DateTime.now

  const endOf = (id: SessionId) => Effect.forEach(rooms.ofSession(id), end, { discard: true })

  /** An announcement may come of a session that was not ended after all; only the repository knows. */
  const check = Effect.fnUntraced(
    function* (id: SessionId) {
      const session = yield* repository.findActive(id, yield* DateTime.now)
      for (const member of rooms.ofSession(id)) member.expiresAt = session.expiresAt
    },
    (effect, id) => Effect.catchTag(effect, "SessionEnded", () => endOf(id))
  )

  const checkAll = (ids: ReadonlyArray<SessionId>) =>
    Effect.forEach(ids, check, { concurrency: askedAtOnce, discard: true })

  const sweep = Effect.gen(function* () {
    const now = yield* DateTime.now
    const ended = yield* repository.listEndedSince(DateTime.subtractDuration(lastSweep, sweepReach))
    if (ended.length >= mostListed) yield* checkAll(rooms.sessions)
    else yield* Effect.forEach(ended, endOf, { discard: true })
    const due = rooms.members.filter(({ expiresAt }) => DateTime.isLessThanOrEqualTo(expiresAt, now))
    yield* checkAll([...new Set(due.map(({ listener }) => listener.session.id))])
    lastSweep = now
  })

  const noteUses = Effect.gen(function* () {
    const at = yield* DateTime.now
    for (const ids of Arr.chunksOf(rooms.sessions, writtenAtOnce)) {
      const gone = yield* repository.saveLastUses(ids.map((id) => ({ id, at })))
      yield* Effect.forEach(gone, endOf, { discard: true })
    }
  })

  const guarded = (task: Effect.Effect<void>) =>
    task.pipe(Effect.andThen(outage.ended), Effect.catchCause(outage.began))
  const background = (task: Effect.Effect<void>, every: Duration.Duration) =>
    Effect.forkScoped(Effect.schedule(guarded(task), Schedule.spaced(every)))

  yield* revocations.changes.pipe(
    Stream.filter((change) => change._tag === "Missed" || rooms.ofSession(change.sessionId).length > 0),
    Stream.mapEffect((change) => guarded(change._tag === "Missed" ? sweep : check(change.sessionId)), {
      concurrency: askedAtOnce,
      unordered: true
    }),
    Stream.runDrain,
    Effect.forkScoped({ startImmediately: true })
  )
  yield* background(sweep, sweepEvery)
  yield* background(noteUses, noteUsesEvery)

  return { check }
})
