import { assert, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { EventPublisherJetStream } from "../../../src/adapters/nats/EventPublisherJetStream.ts"
import { NatsConnection } from "../../../src/adapters/nats/NatsConnection.ts"
import { EventPublisher } from "../../../src/domain/events/EventPublisher.ts"
import { noteEvent } from "../../contracts/eventPublisherContract.ts"
import { eventually } from "../../contracts/revocationsContract.ts"
import { describeWithNatsServer, natsServer } from "./NatsServer.ts"
import { streamReader } from "./StreamReader.ts"

const example = join(import.meta.dirname, "../../../examples/note-subscriber.ts")

/** Runs the example; what it has printed, line by line. */
const subscriber = (url: string, inbox: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(process.execPath, [example, url, inbox], { stdio: ["ignore", "pipe", "pipe"] })
      let printed = ""
      child.stdout.on("data", (chunk) => (printed += chunk))
      child.stderr.on("data", (chunk) => (printed += chunk))
      return { child, lines: () => printed.split("\n").filter((line) => line !== "") }
    }),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )

const handled = (inbox: string) => {
  if (!existsSync(inbox)) return 0
  const database = new DatabaseSync(inbox, { readOnly: true })
  try {
    return database.prepare("SELECT count(*) AS count FROM inbox").get()?.["count"]
  } catch {
    return 0
  } finally {
    database.close()
  }
}

describeWithNatsServer("examples/note-subscriber.ts", () => {
  it.live("handles each event once, in order, over a restart and when one comes twice", () =>
    Effect.gen(function* () {
      const server = yield* natsServer
      yield* server.start()
      const context = yield* Layer.build(
        EventPublisherJetStream.pipe(
          Layer.provide(NatsConnection.layer({ url: Redacted.make(server.url), subjectPrefix: "rookery" }))
        )
      )
      const { publish } = yield* Effect.provide(EventPublisher, context)
      const events = ["one", "two", "three", "four"].map((body) => noteEvent({ data: { body } }))
      const [one, two, three, four] = events as [
        (typeof events)[0],
        (typeof events)[0],
        (typeof events)[0],
        (typeof events)[0]
      ]
      const inbox = join(server.folder, "inbox.db")
      const bodies = (lines: ReadonlyArray<string>) => lines.map((line) => line.split(" ").at(-1))

      yield* publish(one)
      const first = yield* subscriber(server.url, inbox)
      yield* publish(two)
      yield* eventually("two are handled", () => handled(inbox) === 2 && first.lines().length >= 2)
      assert.deepStrictEqual(bodies(first.lines()), ["one", "two"])
      first.child.kill("SIGKILL")

      yield* publish(three)
      // As after the stream's duplicate window: stored again under the same event id.
      const { core } = yield* streamReader(server.url, "rookery")
      core.publish("rookery.notes.created", JSON.stringify(one))
      yield* publish(four)
      const second = yield* subscriber(server.url, inbox)
      yield* eventually("the rest is handled", () => second.lines().length >= 2)
      yield* Effect.sleep("100 millis")
      assert.deepStrictEqual(bodies(second.lines()), ["three", "four"])
    })
  )
})
