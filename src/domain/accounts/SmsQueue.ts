import { Context, type Effect, Schema } from "effect"
import type { EventId } from "../events/Outbox.ts"
import { PhoneDigits } from "../shared/PhoneNumber.ts"
import { AccountId } from "./Account.ts"
import { PasscodeRequestId } from "./Passcode.ts"

/** An SMS that a number is owed. It holds no code: that is made when it is sent, so that none lies in the outbox. */
export const SmsRequest = Schema.Union([
  Schema.TaggedStruct("Passcode", { to: PhoneDigits, requestId: PasscodeRequestId }),
  /** To a number that has no account: somebody wants to be friends. */
  Schema.TaggedStruct("Invitation", { to: PhoneDigits }),
  /** To the number that an account had until then. Those that were asked for before that was kept do not say which one. */
  Schema.TaggedStruct("PhoneChanged", {
    to: PhoneDigits,
    at: Schema.DateTimeUtcFromString,
    accountId: Schema.optionalKey(AccountId)
  })
])
export type SmsRequest = typeof SmsRequest.Type

const types = {
  Passcode: "rookery.sms.passcode",
  Invitation: "rookery.sms.invitation",
  PhoneChanged: "rookery.sms.phone_changed"
} satisfies Record<SmsRequest["_tag"], string>

const encode = Schema.encodeSync(SmsRequest)

/** As it lies in the outbox. The subject is its own, so that no SMS waits for another, and names no number. */
export const smsEntry = (eventId: EventId, sms: SmsRequest) =>
  ({
    eventId,
    destination: "sms",
    type: types[sms._tag],
    subject: `sms/${eventId}`,
    data: encode(sms)
  }) as const

/** SMS that go out once the transaction they are asked for in has been committed. */
export class SmsQueue extends Context.Service<
  SmsQueue,
  {
    /** Whether any SMS can be sent at all. Where none can, nobody asks for one. */
    readonly available: boolean
    /** Whoever committed it wakes the relay (`OutboxSignal`); it would be found within a second anyhow. */
    enqueue(sms: SmsRequest): Effect.Effect<void>
  }
>()("rookery/domain/accounts/SmsQueue") {}
