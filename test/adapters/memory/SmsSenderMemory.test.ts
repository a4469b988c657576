import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SmsSenderMemory, SmsService } from "../../../src/adapters/memory/SmsSenderMemory.ts"
import { SmsSender, SmsUnavailable } from "../../../src/domain/shared/SmsSender.ts"
import { adasPhone, Phones, smsSenderContract, smsTo } from "../../contracts/smsSenderContract.ts"

const PhonesMemory = Layer.effect(
  Phones,
  SmsService.useSync((service) => {
    let read = 0
    return Phones.of({
      received: Effect.map(service.taken, (all) => {
        const received = all.slice(read)
        read = all.length
        return received.map(({ text, to }) => ({ to, text }))
      })
    })
  })
)
smsSenderContract("memory", Layer.provideMerge(PhonesMemory, SmsSenderMemory))

describe("SmsSenderMemory", () => {
  it.effect("answers as a test says, and keeps what was tried apart from what was taken", () =>
    Effect.gen(function* () {
      const sender = yield* SmsSender
      const service = yield* SmsService
      const sms = smsTo(adasPhone)
      yield* service.answer(() => Effect.fail(new SmsUnavailable({ reason: "away" })))
      assert.strictEqual((yield* Effect.flip(sender.send(sms))).reason, "away")
      yield* service.answer(() => Effect.void)
      yield* sender.send(sms)
      assert.deepStrictEqual(yield* service.tries, [sms, sms])
      assert.deepStrictEqual(yield* service.taken, [sms])
    }).pipe(Effect.provide(SmsSenderMemory))
  )
})
