import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { DevOutboxInProcess } from "../../../src/adapters/devoutbox/DevOutboxInProcess.ts"
import { SmsSenderDevOutbox } from "../../../src/adapters/devoutbox/SmsSenderDevOutbox.ts"
import { DevOutbox, UnsentMessage } from "../../../src/domain/shared/DevOutbox.ts"
import { SmsSender } from "../../../src/domain/shared/SmsSender.ts"
import { adasPhone, Phones, smsSenderContract, smsTo } from "../../contracts/smsSenderContract.ts"

const adapters = Layer.provideMerge(SmsSenderDevOutbox, DevOutboxInProcess)

const PhonesDevOutbox = Layer.effect(
  Phones,
  DevOutbox.useSync((outbox) => {
    let read = 0
    return Phones.of({
      received: Effect.map(outbox.list(), (all) => {
        const received = all.toReversed().slice(read)
        read = all.length
        return received.map(({ text, to }) => ({ to, text }))
      })
    })
  })
)
smsSenderContract("dev outbox", Layer.provideMerge(PhonesDevOutbox, adapters))

describe("SmsSenderDevOutbox", () => {
  it.effect("leaves what is found by the number, with the time", () =>
    Effect.gen(function* () {
      const sender = yield* SmsSender
      yield* TestClock.setTime(1000)
      yield* sender.send(smsTo(adasPhone, "654321 is your code"))
      const [message] = yield* DevOutbox.use((outbox) => outbox.list(`+${adasPhone}`))
      const createdAt = DateTime.makeUnsafe(1000)
      const text = "654321 is your code"
      assert.deepStrictEqual(
        message,
        new UnsentMessage({ channel: "sms", to: adasPhone, subject: null, text, createdAt })
      )
    }).pipe(Effect.provide(adapters))
  )
})
