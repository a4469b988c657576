import { Clock, Context, Duration, Effect, Layer, type Scope } from "effect"
import type { OutboxEntry } from "./Outbox.ts"

/** A relay that takes events which were written for it. */
export interface Taker {
  /** To whom they are leased from the moment that they are committed, and for how long. */
  readonly holder: string
  readonly lease: Duration.Duration
  /** Whether it takes any right now. */
  readonly isOpen: () => boolean
  /** Cannot refuse: what it was open for may come a moment later. */
  readonly take: (entries: ReadonlyArray<OutboxEntry>) => void
}

/** How the events of one write are written. */
export interface Handover {
  readonly holder: string
  readonly lease: Duration.Duration
  /** Hands over what was committed; what took so long that the lease may be over is left for whoever claims it. */
  readonly hand: (entries: ReadonlyArray<OutboxEntry>) => Effect.Effect<void>
}

/**
 * The way past the outbox, for events that are first of their subject: they are written leased to the relay of the
 * instance that writes them, and told to it. So it neither has to look for them nor to mark them as its own, which cost the
 * database more than all else about an event. In the outbox they are all the same, until they have arrived: when their
 * holder falls silent, another claims them.
 */
export class EventHandover extends Context.Service<
  EventHandover,
  {
    /** For a write that begins now; undefined where nobody takes its events, which are written for whoever claims them. */
    readonly begin: Effect.Effect<Handover | undefined>
    /** Until the scope closes. */
    readonly open: (taker: Taker) => Effect.Effect<void, never, Scope.Scope>
  }
>()("rookery/domain/events/EventHandover") {
  static readonly layer = Layer.sync(EventHandover, () => {
    let taker: Taker | undefined
    return EventHandover.of({
      begin: Clock.clockWith((clock) =>
        Effect.sync(() => {
          const current = taker
          if (current?.isOpen() !== true) return undefined
          const { holder, lease } = current
          const latest = clock.currentTimeMillisUnsafe() + Duration.toMillis(lease) / 2
          const hand = (entries: ReadonlyArray<OutboxEntry>) =>
            Effect.sync(() => {
              if (taker === current && clock.currentTimeMillisUnsafe() < latest) current.take(entries)
            })
          return { holder, lease, hand }
        })
      ),
      open: (opened) =>
        Effect.acquireRelease(
          Effect.sync(() => {
            taker = opened
          }),
          () =>
            Effect.sync(() => {
              if (taker === opened) taker = undefined
            })
        )
    })
  })
}
