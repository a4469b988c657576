import { Context, type Effect, Schema } from "effect"
import type { EventId } from "../events/Outbox.ts"
import { EmailAddress } from "../shared/EmailAddress.ts"
import { AccountId } from "./Account.ts"

/** Of a change of an account. Notices that were asked for before that was kept do not say which one. */
const notice = { to: EmailAddress, at: Schema.DateTimeUtcFromString, accountId: Schema.optionalKey(AccountId) }

/**
 * A mail that somebody is owed. It holds no token: links are made when it is sent, so that none lies in a database, and
 * whoever no longer is to have it gets none.
 */
export const MailRequest = Schema.Union([
  Schema.TaggedStruct("Verification", { accountId: AccountId, to: EmailAddress }),
  /** Also where no account has that address: who asks can't tell by the time it takes. */
  Schema.TaggedStruct("VerificationAgain", { to: EmailAddress }),
  Schema.TaggedStruct("PasswordReset", { to: EmailAddress }),
  Schema.TaggedStruct("AddressChanged", { ...notice, newAddress: EmailAddress }),
  Schema.TaggedStruct("PasswordChanged", notice),
  Schema.TaggedStruct("PhoneChanged", notice)
])
export type MailRequest = typeof MailRequest.Type

const types = {
  Verification: "rookery.mails.verification",
  VerificationAgain: "rookery.mails.verification_again",
  PasswordReset: "rookery.mails.password_reset",
  AddressChanged: "rookery.mails.address_changed",
  PasswordChanged: "rookery.mails.password_changed",
  PhoneChanged: "rookery.mails.phone_changed"
} satisfies Record<MailRequest["_tag"], string>

const encode = Schema.encodeSync(MailRequest)

/** As it lies in the outbox. The subject is its own, so that no mail waits for another. */
export const mailEntry = (eventId: EventId, mail: MailRequest) =>
  ({
    eventId,
    destination: "mail",
    type: types[mail._tag],
    subject: `mails/${eventId}`,
    data: encode(mail)
  }) as const

/** Mails that go out once the transaction they are asked for in has been committed. */
export class MailQueue extends Context.Service<
  MailQueue,
  {
    /** Whoever committed it wakes the relay (`OutboxSignal`); it would be found within a second anyhow. */
    enqueue(mail: MailRequest): Effect.Effect<void>
  }
>()("rookery/domain/accounts/MailQueue") {}
