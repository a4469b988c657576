import { assert, layer } from "@effect/vitest"
import { Context, DateTime, Effect, type Layer } from "effect"
import { randomUUID } from "node:crypto"
import type { CloudEvent } from "../../src/domain/events/CloudEvent.ts"
import { EventPublisher } from "../../src/domain/events/EventPublisher.ts"

/** What a subscriber of the stream sees. */
export class Subscriber extends Context.Service<
  Subscriber,
  {
    /** Everything that was published since the last call, after a moment in which nothing more came. */
    readonly received: Effect.Effect<ReadonlyArray<CloudEvent>>
  }
>()("rookery/test/Subscriber") {}

export const noteEvent = (changes: Partial<CloudEvent> = {}): CloudEvent => ({
  specversion: "1.0",
  id: randomUUID(),
  source: "https://rookery.example.com",
  type: "rookery.notes.created",
  subject: "contacts/1/notes/2",
  time: DateTime.makeUnsafe("2026-11-20T12:00:00.123Z"),
  datacontenttype: "application/json",
  data: { id: 2, contact_id: 1, user_id: 3, body: 'Grüße \u{1f426} \u2028 \\ "' },
  ...changes
})

/** Every EventPublisher must pass this, whatever carries the events. */
export const eventPublisherContract = <E>(name: string, adapter: Layer.Layer<EventPublisher | Subscriber, E>) =>
  layer(adapter, { excludeTestServices: true })(`EventPublisher: ${name}`, (it) => {
    it.effect("brings an event to a subscriber as it is", () =>
      Effect.gen(function* () {
        const publisher = yield* EventPublisher
        const subscriber = yield* Subscriber
        const event = noteEvent()
        yield* publisher.publish(event)
        assert.deepStrictEqual(yield* subscriber.received, [event])
      })
    )

    it.effect("keeps the order in which publishing returned, over all types", () =>
      Effect.gen(function* () {
        const publisher = yield* EventPublisher
        const subscriber = yield* Subscriber
        const events = ["created", "updated", "updated", "deleted"].map((change) =>
          noteEvent({ type: `rookery.notes.${change}` })
        )
        yield* Effect.forEach(events, publisher.publish, { discard: true })
        assert.deepStrictEqual(yield* subscriber.received, events)
      })
    )

    it.effect("takes many at once and loses none", () =>
      Effect.gen(function* () {
        const publisher = yield* EventPublisher
        const subscriber = yield* Subscriber
        const events = Array.from({ length: 500 }, (_, n) => noteEvent({ subject: `contacts/1/notes/${n}` }))
        yield* Effect.forEach(events, publisher.publish, { concurrency: 64, discard: true })
        const received = yield* subscriber.received
        assert.sameMembers(
          received.map((event) => event.id),
          events.map((event) => event.id)
        )
      })
    )

    it.effect("does not store an event twice that is published twice", () =>
      Effect.gen(function* () {
        const publisher = yield* EventPublisher
        const subscriber = yield* Subscriber
        const event = noteEvent()
        yield* publisher.publish(event)
        yield* publisher.publish(event)
        assert.lengthOf(yield* subscriber.received, 1)
      })
    )

    it.effect("takes the longest note there can be, whatever is in it", () =>
      Effect.gen(function* () {
        const publisher = yield* EventPublisher
        const subscriber = yield* Subscriber
        const events = ["\u0001", "\u20ac", "\u{1f426}"].map((character) =>
          noteEvent({ data: { body: character.repeat(100_000 / character.length) } })
        )
        yield* Effect.forEach(events, publisher.publish, { discard: true })
        assert.deepStrictEqual(yield* subscriber.received, events)
      })
    )
  })
