import { assert, it } from "@effect/vitest"
import { connect } from "@nats-io/transport-node"
import { Effect, Layer, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import { NatsConnection } from "../../../src/adapters/nats/NatsConnection.ts"
import { NotifierNats } from "../../../src/adapters/nats/NotifierNats.ts"
import { AccountId } from "../../../src/domain/accounts/Account.ts"
import { Notifier } from "../../../src/domain/notifications/Notifier.ts"
import { notifierContract, someAccounts, untilHeard, wakesOf, wokenIn } from "../../contracts/notifierContract.ts"
import { eventually } from "../../contracts/revocationsContract.ts"
import { describeWith, natsUrl } from "../../support/Services.ts"
import { describeWithNatsServer, natsServer } from "./NatsServer.ts"

const newPrefix = () => `test-${randomBytes(6).toString("hex")}`

/** One instance: a connection of its own. */
const instance = (url: string, subjectPrefix: string) =>
  Effect.flatMap(
    Layer.build(NotifierNats.pipe(Layer.provide(NatsConnection.layer({ url: Redacted.make(url), subjectPrefix })))),
    (context) => Effect.provide(Notifier, context)
  )

describeWith(natsUrl)("on a server", () => {
  const url = natsUrl ?? ""
  notifierContract(
    "NATS",
    Effect.suspend(() => {
      const prefix = newPrefix()
      return Effect.all([instance(url, prefix), instance(url, prefix)])
    })
  )

  it.live("names the account in the subject, says nothing more, and ignores what names none", () =>
    Effect.gen(function* () {
      const prefix = newPrefix()
      const bus = yield* instance(url, prefix)
      const heard = yield* wakesOf(bus)
      const core = yield* Effect.acquireRelease(
        Effect.promise(() => connect({ servers: url })),
        (core) => Effect.promise(() => core.close())
      )
      const sent: Array<readonly [string, number]> = []
      core.subscribe(`${prefix}.notify.>`, {
        callback: (_, message) => void sent.push([message.subject, message.data.length])
      })
      yield* Effect.promise(() => core.flush())
      const theirs = AccountId.make(41)
      yield* eventually(
        "it hears",
        Effect.sync(() => {
          for (const name of ["x", "-1", "0", "1.5", "1e999", "41"]) core.publish(`${prefix}.notify.${name}`)
          return wokenIn(heard).includes(theirs)
        })
      )
      sent.length = 0
      yield* bus.wake([AccountId.make(42)])
      yield* eventually("it was said", () => sent.some(([subject]) => subject.endsWith("42")))
      assert.deepInclude(sent, [`${prefix}.notify.42`, 0])
      assert.isEmpty(wokenIn(heard).filter((id) => id !== 41 && id !== 42))
    })
  )
})

describeWithNatsServer("on a server that goes away", () => {
  it.live("says what was missed when it is back, and wakes its own meanwhile", () =>
    Effect.gen(function* () {
      const server = yield* natsServer
      const [here, there] = yield* Effect.all([instance(server.url, "rookery"), instance(server.url, "rookery")])
      const [heardHere, heardThere] = [yield* wakesOf(here), yield* wakesOf(there)]
      const [first = AccountId.make(1), second = AccountId.make(2)] = someAccounts(2)
      yield* here.wake([first])
      yield* eventually("its own wake is heard", () => wokenIn(heardHere).includes(first))
      assert.isEmpty(heardThere)

      yield* server.start()
      yield* untilHeard(here, heardThere)
      yield* eventually("it is told that it may have missed some", () =>
        heardThere.some(({ _tag }) => _tag === "Missed")
      )

      yield* server.stop
      const before = heardThere.length
      yield* Effect.timeoutOption(here.wake([second]), "1 second").pipe(
        Effect.map((waited) => assert.strictEqual(waited._tag, "Some"))
      )
      yield* server.start()
      yield* eventually("the other is told that it missed some", () =>
        heardThere.slice(before).some((wake) => wake._tag === "Missed")
      )
      yield* untilHeard(here, heardThere, AccountId.make(888_888))
    })
  )
})
