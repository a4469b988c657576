import { Context, type Duration, type Effect, type Option, Schema } from "effect"

/**
 * Where an event is brought: the event stream, the upstream service, a person's mailbox or phone, or the blob store, which
 * is told what to remove.
 */
export const Destination = Schema.Literals(["broker", "upstream", "mail", "sms", "blobs"])
export type Destination = typeof Destination.Type

export const EventId = Schema.String.check(Schema.isUUID()).pipe(Schema.brand("EventId"))
export type EventId = typeof EventId.Type

/** One event on its way to one destination. */
export class OutboxEntry extends Schema.Class<OutboxEntry>("OutboxEntry")({
  id: Schema.Int,
  eventId: EventId,
  destination: Destination,
  type: Schema.String,
  /** What it is about, and what it keeps its order with: `contacts/1/notes/2`. */
  subject: Schema.String,
  data: Schema.Json,
  occurredAt: Schema.DateTimeUtc,
  /** Tries that have begun, this one included. */
  attempts: Schema.Int
}) {}

/** An entry that was given up, until somebody asks for it to be sent again. */
export class DeadLetter extends Schema.Class<DeadLetter>("DeadLetter")({
  ...OutboxEntry.fields,
  lastError: Schema.NullOr(Schema.String),
  diedAt: Schema.DateTimeUtc
}) {}

export interface OutboxDepth {
  readonly destination: Destination
  readonly pending: number
  readonly dead: number
  /** Age of the oldest pending entry. */
  readonly oldest: Duration.Duration
}

/**
 * Events that were committed with the change they tell of, until they have arrived. A claimed entry is leased: when its
 * holder falls silent for the length of the lease, another may claim it. All of `complete`, `reschedule` and `bury` do
 * nothing to an entry whose lease is another's by then. For the `upstream` destination they also keep the note's
 * `processing` where the entry tells of its latest version.
 */
export class Outbox extends Context.Service<
  Outbox,
  {
    /**
     * Leases entries that are due, oldest first, at most `limit`. Of each subject only the oldest pending entry can be
     * claimed, which keeps the order. `fresh` claims only entries never tried before.
     */
    claim(options: {
      readonly destination: Destination
      readonly holder: string
      readonly limit: number
      readonly lease: Duration.Duration
      readonly fresh?: boolean
    }): Effect.Effect<ReadonlyArray<OutboxEntry>>
    /** Keeps what the holder has claimed from running out. */
    renew(holder: string, ids: ReadonlyArray<number>, lease: Duration.Duration): Effect.Effect<void>
    complete(holder: string, ids: ReadonlyArray<number>): Effect.Effect<void>
    reschedule(holder: string, id: number, delay: Duration.Duration, error: string): Effect.Effect<void>
    /** Gives the lease back at once, as if the entry had not been tried. */
    release(holder: string, ids: ReadonlyArray<number>, delay: Duration.Duration): Effect.Effect<void>
    bury(holder: string, id: number, error: string): Effect.Effect<void>
    /** Until the next claim can find something; none when nothing is pending. */
    untilDue(destination: Destination): Effect.Effect<Option.Option<Duration.Duration>>
    readonly depth: Effect.Effect<ReadonlyArray<OutboxDepth>>
    /** The newest first, at most `limit`. */
    listDead(limit: number): Effect.Effect<ReadonlyArray<DeadLetter>>
    /** Makes dead letters pending again, all or those named; how many there were. */
    redeliver(ids: ReadonlyArray<number> | "all"): Effect.Effect<number>
  }
>()("rookery/domain/events/Outbox") {}
