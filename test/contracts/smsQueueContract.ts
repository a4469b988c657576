import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer } from "effect"
import { AccountId } from "../../src/domain/accounts/Account.ts"
import { PasscodeRequestId } from "../../src/domain/accounts/Passcode.ts"
import { SmsQueue, SmsRequest } from "../../src/domain/accounts/SmsQueue.ts"
import type { Outbox } from "../../src/domain/events/Outbox.ts"
import { PhoneDigits } from "../../src/domain/shared/PhoneNumber.ts"
import type { Transaction } from "../../src/domain/shared/Transaction.ts"
import { letterQueueContract } from "./letterQueueContract.ts"

const to = PhoneDigits.make("0123456789")
const at = DateTime.makeUnsafe("2026-11-20T16:42:10.123Z")
const requestId = PasscodeRequestId.make("00000000-0000-4000-8000-000000000001")

/** Every SmsQueue that can send must pass this together with the outbox that its SMS go out from. */
export const smsQueueContract = <E>(name: string, adapter: Layer.Layer<SmsQueue | Outbox | Transaction, E>) =>
  layer(adapter, { excludeTestServices: true })(`SmsQueue: ${name}`, (it) => {
    letterQueueContract(it, {
      destination: "sms",
      enqueue: (sms: SmsRequest) => SmsQueue.use((queue) => queue.enqueue(sms)),
      schema: SmsRequest,
      subjects: "sms",
      each: [
        [{ _tag: "Passcode", to, requestId }, "rookery.sms.passcode"],
        [{ _tag: "Invitation", to }, "rookery.sms.invitation"],
        [{ _tag: "PhoneChanged", to, at, accountId: AccountId.make(2 ** 40) }, "rookery.sms.phone_changed"]
      ]
    })

    it.effect("says that SMS can be sent", () => Effect.map(SmsQueue, ({ available }) => assert.isTrue(available)))
  })
