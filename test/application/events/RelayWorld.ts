import { Context, DateTime, type Duration, Effect, HashMap, Layer, Logger, Result } from "effect"
import { SecureRandom } from "effect/crypto"
import { TestClock } from "effect/testing"
import { MemoryWorld } from "../../../src/adapters/memory/MemoryWorld.ts"
import { OutboxMemory } from "../../../src/adapters/memory/OutboxMemory.ts"
import { pendingRow } from "../../../src/adapters/memory/World.ts"
import { NoteId } from "../../../src/domain/contacts/Note.ts"
import { Upstream, type UpstreamRejected, type UpstreamUnavailable } from "../../../src/domain/contacts/Upstream.ts"
import type { CloudEvent } from "../../../src/domain/events/CloudEvent.ts"
import {
  EventPublisher,
  type EventRefused,
  type PublisherUnavailable
} from "../../../src/domain/events/EventPublisher.ts"
import { EventHandover } from "../../../src/domain/events/EventHandover.ts"
import { type Destination, EventId, Outbox, OutboxEntry } from "../../../src/domain/events/Outbox.ts"
import { OutboxSignal } from "../../../src/domain/events/OutboxSignal.ts"

/** One outbox that several relays share, as instances share a database. */
export class RelayWorld extends Context.Service<
  RelayWorld,
  {
    /** Commits events of that note, oldest first; their ids. `silently` as another instance would: nobody is woken. */
    commit(note: number, count?: number, silently?: boolean): Effect.Effect<ReadonlyArray<string>>
    /**
     * Commits an event of that note as a write of this instance does that hands it over; its id, and whether a relay took
     * it. `killed` before it could.
     */
    write(note: number, killed?: boolean): Effect.Effect<{ readonly id: string; readonly isHanded: boolean }>
    /** Ids of the events that wait, and of those that are dead. */
    readonly pending: Effect.Effect<ReadonlyArray<string>>
    readonly dead: Effect.Effect<ReadonlyArray<string>>
    /** Tries counted on a pending event. */
    attempts(eventId: string): Effect.Effect<number | undefined>
  }
>()("rookery/test/RelayWorld") {
  static readonly layer = (destination: Destination) =>
    Layer.effect(
      RelayWorld,
      Effect.gen(function* () {
        const world = yield* MemoryWorld
        const signal = yield* OutboxSignal
        const handover = yield* EventHandover
        const newEntry = (note: number, occurredAt: DateTime.Utc, attempts = 0) => {
          const id = world.nextId("outbox")
          return new OutboxEntry({
            id,
            eventId: EventId.make(`00000000-0000-4000-8000-${String(id).padStart(12, "0")}`),
            destination,
            type: "rookery.notes.updated",
            subject: `contacts/1/notes/${note}`,
            data: { id: note },
            occurredAt,
            attempts
          })
        }
        const rows = world.read(({ outbox }) => HashMap.toValues(outbox))
        const ids = (dead: boolean) =>
          Effect.map(rows, (all) => all.filter((row) => (row.diedAt !== null) === dead).map((row) => row.entry.eventId))
        return RelayWorld.of({
          commit: (note, count = 1, silently = false) =>
            world
              .change((before, now) => {
                const added = Array.from({ length: count }, () =>
                  pendingRow(newEntry(note, now), { noteId: NoteId.make(note) })
                )
                const outbox = HashMap.setMany(
                  before.outbox,
                  added.map((row) => [row.entry.id, row] as const)
                )
                return Result.succeed([added.map((row) => row.entry.eventId), { ...before, outbox }])
              })
              .pipe(Effect.tap(silently ? Effect.void : signal.notify)),
          write: Effect.fnUntraced(function* (note, killed = false) {
            const begun = yield* handover.begin
            const entry = yield* world.change((before, now) => {
              const written = newEntry(note, now)
              const row = pendingRow(written, { noteId: NoteId.make(note) })
              const leased =
                begun === undefined
                  ? row
                  : { ...row, holder: begun.holder, availableAt: DateTime.addDuration(now, begun.lease) }
              return Result.succeed([written, { ...before, outbox: HashMap.set(before.outbox, written.id, leased) }])
            })
            if (!killed) {
              yield* begun === undefined ? signal.notify : begun.hand([new OutboxEntry({ ...entry, attempts: 1 })])
            }
            return { id: entry.eventId, isHanded: begun !== undefined }
          }),
          pending: ids(false),
          dead: ids(true),
          attempts: (eventId) =>
            Effect.map(rows, (all) => all.find((row) => row.entry.eventId === eventId)?.entry.attempts)
        })
      })
    ).pipe(
      Layer.provideMerge(OutboxMemory),
      Layer.provideMerge(
        Layer.mergeAll(MemoryWorld.layer, OutboxSignal.layer, EventHandover.layer, SecureRandom.layerWebCrypto)
      )
    )
}

/** What a test does with events, and what has become of them. */
export class Destinations extends Context.Service<
  Destinations,
  {
    /** Tries that began, and events that arrived, in order. */
    readonly tried: Array<{ readonly id: string; readonly at: number }>
    readonly arrived: Array<CloudEvent>
    /** Messages that were logged at warning or above, or told that something is back. */
    readonly told: Array<string>
    /** How the next tries end; by default they succeed at once. */
    answer: (event: CloudEvent) => Effect.Effect<void, EventRefused | PublisherUnavailable>
    answerUpstream: (event: CloudEvent) => Effect.Effect<void, UpstreamRejected | UpstreamUnavailable>
  }
>()("rookery/test/Destinations") {
  static readonly layer = Layer.sync(Destinations, () =>
    Destinations.of({ tried: [], arrived: [], told: [], answer: () => Effect.void, answerUpstream: () => Effect.void })
  )
}

const recording = Effect.fnUntraced(function* <E>(
  seen: Destinations["Service"],
  event: CloudEvent,
  answer: (event: CloudEvent) => Effect.Effect<void, E>
) {
  seen.tried.push({ id: event.id, at: DateTime.toEpochMillis(yield* DateTime.now) })
  yield* answer(event)
  seen.arrived.push(event)
})

export const Publisher = Layer.effect(
  EventPublisher,
  Destinations.useSync((seen) =>
    EventPublisher.of({ publish: (event) => recording(seen, event, (one) => seen.answer(one)) })
  )
)

export const UpstreamService = Layer.effect(
  Upstream,
  Destinations.useSync((seen) =>
    Upstream.of({ deliver: (event) => recording(seen, event, (one) => seen.answerUpstream(one)) })
  )
)

/** Keeps what is logged in `told`, and the test's output quiet. */
export const ToldLogs = Layer.unwrap(
  Destinations.useSync((seen) =>
    Logger.layer([
      Logger.make(({ message }) => {
        seen.told.push(String(Array.isArray(message) ? message[0] : message))
      })
    ])
  )
)

interface Trouble {
  /** The database can't be reached. */
  away?: boolean
  /** Claims work, and nothing else is written. */
  stuck?: boolean
  /** The process was killed: nothing that it began comes to an end. */
  dead?: boolean
}

/** An instance's view of the shared outbox, and what befalls it. */
export const failing = (trouble: Trouble) =>
  Layer.effect(
    Outbox,
    Outbox.useSync((outbox) => {
      const reading = <A>(call: Effect.Effect<A>) =>
        Effect.suspend(() =>
          trouble.dead === true ? Effect.never : trouble.away === true ? Effect.die("the database is away") : call
        )
      const writing = <A>(call: Effect.Effect<A>) =>
        Effect.suspend(() => (trouble.stuck === true ? Effect.die("the database is stuck") : reading(call)))
      return Outbox.of({
        ...outbox,
        claim: (options) => reading(outbox.claim(options)),
        untilDue: (destination) => reading(outbox.untilDue(destination)),
        renew: (...args) => writing(outbox.renew(...args)),
        complete: (...args) => writing(outbox.complete(...args)),
        reschedule: (...args) => writing(outbox.reschedule(...args)),
        release: (...args) => writing(outbox.release(...args)),
        bury: (...args) => writing(outbox.bury(...args))
      })
    })
  )

/** Lets every fiber come to rest, and then time pass: the clock waits only for fibers that it has woken itself. */
export const advance = (duration: Duration.Input) =>
  Effect.yieldNow.pipe(Effect.repeat({ times: 50 }), Effect.andThen(TestClock.adjust(duration)))
