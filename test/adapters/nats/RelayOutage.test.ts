import { assert, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { EventPublisherJetStream } from "../../../src/adapters/nats/EventPublisherJetStream.ts"
import { NatsConnection } from "../../../src/adapters/nats/NatsConnection.ts"
import { EventRelay } from "../../../src/application/events/EventRelay.ts"
import { RelayWorld } from "../../application/events/RelayWorld.ts"
import { eventually } from "../../contracts/revocationsContract.ts"
import { describeWithNatsServer, natsServer } from "./NatsServer.ts"
import { streamReader } from "./StreamReader.ts"

const notes = [1, 2, 3, 4, 5, 6, 7, 8]

/** Commits events of several notes all the while; what was committed, by note. */
const committing = Effect.fnUntraced(function* (rounds: number) {
  const { commit } = yield* RelayWorld
  const committed = new Map<number, Array<string>>(notes.map((note) => [note, []]))
  const all = Effect.forEach(
    Array.from({ length: rounds }).flatMap(() => notes),
    (note) =>
      Effect.gen(function* () {
        committed.get(note)?.push(...(yield* commit(note)))
        if (note === 8) yield* Effect.sleep("5 millis")
      }),
    { discard: true }
  )
  return { committed, all }
})

describeWithNatsServer("EventRelay on JetStream", () => {
  for (const outage of ["is killed and started again", "hangs for a while"] as const) {
    it.live(`loses nothing and keeps the order of each note when the server ${outage}`, () =>
      Effect.gen(function* () {
        const server = yield* natsServer
        yield* server.start()
        const reader = yield* streamReader(server.url, "rookery")
        yield* Layer.build(
          EventRelay({ source: "https://rookery.example.com" }).pipe(
            Layer.provide(EventPublisherJetStream),
            Layer.provide(NatsConnection.layer({ url: Redacted.make(server.url), subjectPrefix: "rookery" }))
          )
        )
        const { all, committed } = yield* committing(200)
        const goingAway = Effect.gen(function* () {
          yield* Effect.sleep("200 millis")
          yield* outage === "hangs for a while" ? server.pause : server.stop
          // Longer than a publication waits for its acknowledgement.
          yield* Effect.sleep("3 seconds")
          yield* outage === "hangs for a while" ? server.resume : server.start()
        })
        yield* Effect.all([all, goingAway], { concurrency: 2 })
        const { pending } = yield* RelayWorld
        yield* eventually(
          "all is published",
          Effect.map(pending, (left) => left.length === 0)
        )
        const stored = yield* reader.stored()
        assert.lengthOf(stored, 200 * notes.length)
        for (const note of notes) {
          const ofNote = stored.filter(({ event }) => event.subject === `contacts/1/notes/${note}`)
          assert.deepStrictEqual(
            ofNote.map(({ messageId }) => messageId),
            committed.get(note)
          )
        }
      }).pipe(Effect.provide(RelayWorld.layer("broker")))
    )
  }
})
