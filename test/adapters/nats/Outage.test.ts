import { assert, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { EventPublisherJetStream } from "../../../src/adapters/nats/EventPublisherJetStream.ts"
import { NatsConnection } from "../../../src/adapters/nats/NatsConnection.ts"
import { EventPublisher } from "../../../src/domain/events/EventPublisher.ts"
import { noteEvent } from "../../contracts/eventPublisherContract.ts"
import { eventually } from "../../contracts/revocationsContract.ts"
import { describeWithNatsServer, natsServer } from "./NatsServer.ts"
import { streamReader } from "./StreamReader.ts"

const publisher = (url: string) =>
  Effect.flatMap(
    Layer.build(
      EventPublisherJetStream.pipe(
        Layer.provide(NatsConnection.layer({ url: Redacted.make(url), subjectPrefix: "rookery" }))
      )
    ),
    (context) => Effect.provide(EventPublisher, context)
  )

describeWithNatsServer("EventPublisherJetStream", () => {
  it.live("starts without a server, says so at once, and publishes when it is there", () =>
    Effect.gen(function* () {
      const server = yield* natsServer
      const { publish } = yield* publisher(server.url)
      const error = yield* Effect.flip(publish(noteEvent()))
      assert.deepInclude(error, { _tag: "PublisherUnavailable", reason: "NATS is not connected" })
      yield* server.start()
      yield* eventually("it publishes", Effect.isSuccess(publish(noteEvent())))
    })
  )

  it.live("signs in with user and password, or with a token", () =>
    Effect.gen(function* () {
      const server = yield* natsServer
      yield* server.start("--user", "bird", "--pass", "p@ss")
      const { publish } = yield* publisher(server.url.replace("//", "//bird:p%40ss@"))
      yield* publish(noteEvent())
      yield* server.stop
      yield* server.start("--auth", "t0ken")
      const withToken = yield* publisher(server.url.replace("//", "//t0ken@"))
      yield* withToken.publish(noteEvent())
      const without = yield* publisher(server.url)
      const error = yield* Effect.flip(without.publish(noteEvent()))
      assert.strictEqual(error._tag, "PublisherUnavailable")
    })
  )

  it.live("is unavailable where JetStream is off", () =>
    Effect.gen(function* () {
      const server = yield* natsServer
      yield* server.startWithoutJetStream
      const { publish } = yield* publisher(server.url)
      const error = yield* Effect.flip(publish(noteEvent()))
      assert.strictEqual(error._tag, "PublisherUnavailable")
    })
  )

  it.live("fails within its time limit while the server hangs, and stores an event once that is tried again", () =>
    Effect.gen(function* () {
      const server = yield* natsServer
      yield* server.start()
      const { publish } = yield* publisher(server.url)
      const reader = yield* streamReader(server.url, "rookery")
      yield* publish(noteEvent())
      yield* server.pause
      const event = noteEvent()
      const error = yield* Effect.flip(Effect.timeout(publish(event), "3 seconds"))
      assert.strictEqual(error._tag, "PublisherUnavailable")
      yield* server.resume
      yield* eventually("it is published", Effect.isSuccess(publish(event)))
      yield* publish(event)
      const ids = (yield* reader.stored()).map((message) => message.messageId)
      assert.strictEqual(ids.filter((id) => id === event.id).length, 1)
    })
  )
})
