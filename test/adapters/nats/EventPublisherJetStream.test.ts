import { assert, it } from "@effect/vitest"
import { DiscardPolicy } from "@nats-io/jetstream"
import { Effect, Layer, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import { EventPublisherJetStream } from "../../../src/adapters/nats/EventPublisherJetStream.ts"
import { NatsConnection } from "../../../src/adapters/nats/NatsConnection.ts"
import { EventPublisher } from "../../../src/domain/events/EventPublisher.ts"
import { eventPublisherContract, noteEvent, Subscriber } from "../../contracts/eventPublisherContract.ts"
import { eventually } from "../../contracts/revocationsContract.ts"
import { describeWith, natsUrl } from "../../support/Services.ts"
import { streamReader } from "./StreamReader.ts"

const url = natsUrl ?? "nats://nowhere"
const newPrefix = () => `test-${randomBytes(6).toString("hex")}`
const publisher = (prefix: string) =>
  EventPublisherJetStream.pipe(Layer.provide(NatsConnection.layer({ url: Redacted.make(url), subjectPrefix: prefix })))

const SubscriberOf = (prefix: string) =>
  Layer.effect(
    Subscriber,
    Effect.gen(function* () {
      const { stored } = yield* streamReader(url, prefix)
      let seen = 0
      return Subscriber.of({
        received: Effect.map(
          Effect.suspend(() => stored(seen)),
          (messages) => {
            seen += messages.length
            return messages.map((message) => message.event)
          }
        )
      })
    })
  )

describeWith(natsUrl)("on a server", () => {
  const prefix = newPrefix()
  eventPublisherContract("JetStream", Layer.mergeAll(publisher(prefix), SubscriberOf(prefix)))

  it.live("makes its stream at start, on files, for 30 days and with a duplicate window of 2 minutes", () =>
    Effect.gen(function* () {
      const prefix = newPrefix()
      const { manager, stream } = yield* streamReader(url, prefix)
      yield* Layer.build(publisher(prefix))
      const info = Effect.promise(() => manager.streams.info(stream).catch(() => undefined))
      yield* eventually(
        "the stream is there",
        Effect.map(info, (found) => found !== undefined)
      )
      assert.deepInclude((yield* info)?.config, {
        name: stream,
        subjects: [`${prefix}.notes.*`],
        storage: "file",
        retention: "limits",
        max_age: 30 * 24 * 3600 * 1e9,
        duplicate_window: 120 * 1e9
      })
    })
  )

  it.live("publishes by type, with the event's id as message id and the media type as header", () =>
    Effect.gen(function* () {
      const prefix = newPrefix()
      const { stored } = yield* streamReader(url, prefix)
      const { publish } = yield* Effect.provide(EventPublisher, yield* Layer.build(publisher(prefix)))
      const event = noteEvent({ type: "rookery.notes.updated" })
      yield* publish(event)
      assert.deepStrictEqual(yield* stored(), [
        {
          subject: `${prefix}.notes.updated`,
          messageId: event.id,
          contentType: "application/cloudevents+json; charset=utf-8",
          event
        }
      ])
    })
  )

  it.live("leaves a stream as it finds it, also one that has its subjects under another name", () =>
    Effect.gen(function* () {
      const prefix = newPrefix()
      const { manager, stored, stream } = yield* streamReader(url, prefix)
      yield* Effect.promise(() => manager.streams.add({ name: stream, subjects: [`${prefix}.>`], max_msgs: 5000 }))
      const { publish } = yield* Effect.provide(EventPublisher, yield* Layer.build(publisher(prefix)))
      yield* publish(noteEvent())
      assert.lengthOf(yield* stored(), 1)
      const { config } = yield* Effect.promise(() => manager.streams.info(stream))
      assert.deepInclude(config, { subjects: [`${prefix}.>`], max_msgs: 5000 })

      const another = newPrefix()
      yield* Effect.acquireRelease(
        Effect.promise(() =>
          manager.streams.add({ name: `THEIRS-${another}`, subjects: [`${another}.notes.created`] })
        ),
        () => Effect.promise(() => manager.streams.delete(`THEIRS-${another}`))
      )
      const other = yield* Effect.provide(EventPublisher, yield* Layer.build(publisher(another)))
      yield* other.publish(noteEvent())
      const theirs = yield* Effect.promise(() => manager.streams.info(`THEIRS-${another}`))
      assert.strictEqual(theirs.state.messages, 1)
      const unheard = yield* Effect.flip(other.publish(noteEvent({ type: "rookery.notes.deleted" })))
      assert.strictEqual(unheard._tag, "PublisherUnavailable")
      assert.match(unheard.reason, /overlap/)
    })
  )

  it.live("makes the stream again that somebody deleted, for many events at once", () =>
    Effect.gen(function* () {
      const prefix = newPrefix()
      const { deleteStream, stored } = yield* streamReader(url, prefix)
      const { publish } = yield* Effect.provide(EventPublisher, yield* Layer.build(publisher(prefix)))
      yield* publish(noteEvent())
      yield* deleteStream
      yield* Effect.forEach(Array.from({ length: 64 }), () => publish(noteEvent()), { concurrency: 64 })
      assert.lengthOf(yield* stored(), 64)
    })
  )

  it.live("refuses an event that is larger than the server or the stream takes, and only that", () =>
    Effect.gen(function* () {
      const prefix = newPrefix()
      const { manager, stored, stream } = yield* streamReader(url, prefix)
      yield* Effect.promise(() =>
        manager.streams.add({ name: stream, subjects: [`${prefix}.notes.*`], max_msg_size: 2000 })
      )
      const { publish } = yield* Effect.provide(EventPublisher, yield* Layer.build(publisher(prefix)))
      for (const length of [3000, 2_000_000]) {
        const error = yield* Effect.flip(publish(noteEvent({ data: "x".repeat(length) })))
        assert.strictEqual(error._tag, "EventRefused", String(error.reason))
      }
      yield* publish(noteEvent())
      assert.lengthOf(yield* stored(), 1)
    })
  )

  it.live("is unavailable, and refuses nothing, where the stream takes no more", () =>
    Effect.gen(function* () {
      const prefix = newPrefix()
      const { manager, stream } = yield* streamReader(url, prefix)
      yield* Effect.promise(() =>
        manager.streams.add({ name: stream, subjects: [`${prefix}.notes.*`], max_msgs: 1, discard: DiscardPolicy.New })
      )
      const { publish } = yield* Effect.provide(EventPublisher, yield* Layer.build(publisher(prefix)))
      yield* publish(noteEvent())
      const error = yield* Effect.flip(publish(noteEvent()))
      assert.strictEqual(error._tag, "PublisherUnavailable")
    })
  )
})
