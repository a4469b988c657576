import { assert, it } from "@effect/vitest"
import { connect } from "@nats-io/transport-node"
import { Effect, Layer, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import { NatsConnection } from "../../../src/adapters/nats/NatsConnection.ts"
import { RevocationsNats } from "../../../src/adapters/nats/RevocationsNats.ts"
import { Revocations } from "../../../src/domain/accounts/Revocations.ts"
import {
  endedIn,
  eventually,
  listening,
  newSessionId,
  revocationsContract
} from "../../contracts/revocationsContract.ts"
import { describeWith, natsUrl } from "../../support/Services.ts"
import { describeWithNatsServer, natsServer } from "./NatsServer.ts"

const newPrefix = () => `test-${randomBytes(6).toString("hex")}`

/** One instance: a connection of its own. */
const instance = (url: string, subjectPrefix: string) =>
  Effect.flatMap(
    Layer.build(RevocationsNats.pipe(Layer.provide(NatsConnection.layer({ url: Redacted.make(url), subjectPrefix })))),
    (context) => Effect.provide(Revocations, context)
  )

describeWith(natsUrl)("on a server", () => {
  const url = natsUrl ?? ""
  revocationsContract(
    "NATS",
    Effect.suspend(() => {
      const prefix = newPrefix()
      return Effect.all([instance(url, prefix), instance(url, prefix)])
    })
  )

  it.live("sends the session's id as text, and ignores what is none", () =>
    Effect.gen(function* () {
      const prefix = newPrefix()
      const bus = yield* instance(url, prefix)
      yield* eventually("it is connected", bus.connected)
      const heard = yield* listening(bus)
      const core = yield* Effect.acquireRelease(
        Effect.promise(() => connect({ servers: url })),
        (core) => Effect.promise(() => core.close())
      )
      const sent: Array<string> = []
      core.subscribe(`${prefix}.sessions.ended`, { callback: (_, message) => void sent.push(message.string()) })
      yield* Effect.promise(() => core.flush())
      const [theirs, ours] = [newSessionId(), newSessionId()]
      for (const text of ["", "nonsense", "\u0000", theirs]) core.publish(`${prefix}.sessions.ended`, text)
      yield* bus.announce(ours)
      yield* eventually("both were heard", () => endedIn(heard).length === 2 && sent.includes(ours))
      assert.sameMembers(endedIn(heard), [theirs, ours])
    })
  )
})

describeWithNatsServer("on a server that goes away", () => {
  it.live("starts without it, and hears others from when it is there", () =>
    Effect.gen(function* () {
      const server = yield* natsServer
      const [here, there] = yield* Effect.all([instance(server.url, "rookery"), instance(server.url, "rookery")])
      assert.isFalse(yield* here.connected)
      const heard = yield* listening(there)
      yield* server.start()
      yield* eventually("both are connected", here.connected)
      yield* eventually("both are connected", there.connected)
      const id = newSessionId()
      yield* here.announce(id)
      yield* eventually("it was heard", () => endedIn(heard).includes(id))
    })
  )

  it.live("says that it is not connected, what was missed, and sends what it kept", () =>
    Effect.gen(function* () {
      const server = yield* natsServer
      yield* server.start()
      const [here, there] = yield* Effect.all([instance(server.url, "rookery"), instance(server.url, "rookery")])
      yield* eventually("both are connected", here.connected)
      yield* eventually("both are connected", there.connected)
      const [heardHere, heardThere] = [yield* listening(here), yield* listening(there)]

      yield* server.stop
      yield* eventually(
        "the loss is noticed",
        Effect.map(here.connected, (connected) => !connected)
      )
      const id = newSessionId()
      yield* here.announce(id)
      assert.include(endedIn(heardHere), id, "its own announcement is heard at once")
      yield* server.start()
      yield* eventually("it is back", there.connected)
      yield* eventually("what was kept arrives", () => endedIn(heardThere).includes(id))
      assert.isAtLeast(heardThere.filter((change) => change._tag === "Missed").length, 1)
      const afterwards = newSessionId()
      yield* there.announce(afterwards)
      yield* eventually("all is as before", () => endedIn(heardHere).includes(afterwards))
    })
  )

  it.live("tells of a reconnect as missed before it calls itself connected", () =>
    Effect.gen(function* () {
      const server = yield* natsServer
      yield* server.start()
      const bus = yield* instance(server.url, "rookery")
      yield* eventually("it is connected", bus.connected)
      const heard = yield* listening(bus)
      yield* server.stop
      yield* eventually("the loss is noticed", () => heard.length > 0)
      assert.isFalse(yield* bus.connected)
      const before = heard.length
      yield* server.start()
      yield* eventually("it is back", bus.connected)
      yield* eventually("it was told", () => heard.slice(before).some((change) => change._tag === "Missed"))
    })
  )

  it.live("notices a server that has fallen silent, and announces within a second meanwhile", () =>
    Effect.gen(function* () {
      const server = yield* natsServer
      yield* server.start()
      const [here, there] = yield* Effect.all([instance(server.url, "rookery"), instance(server.url, "rookery")])
      yield* eventually("both are connected", here.connected)
      yield* eventually("both are connected", there.connected)
      const heard = yield* listening(there)
      yield* server.pause
      const id = newSessionId()
      const announced = yield* Effect.timeoutOption(here.announce(id), "1 second")
      assert.strictEqual(announced._tag, "Some")
      yield* eventually(
        "the silence is noticed",
        Effect.map(here.connected, (connected) => !connected)
      )
      yield* server.resume
      yield* eventually("it is back", there.connected)
      yield* eventually("it was heard", () => endedIn(heard).includes(id))
    })
  )
})
