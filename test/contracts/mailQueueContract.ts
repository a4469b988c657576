import { layer } from "@effect/vitest"
import { DateTime, type Layer } from "effect"
import { AccountId } from "../../src/domain/accounts/Account.ts"
import { MailQueue, MailRequest } from "../../src/domain/accounts/MailQueue.ts"
import type { Outbox } from "../../src/domain/events/Outbox.ts"
import { EmailAddress } from "../../src/domain/shared/EmailAddress.ts"
import type { Transaction } from "../../src/domain/shared/Transaction.ts"
import { letterQueueContract } from "./letterQueueContract.ts"

const to = EmailAddress.make("Ada+'=@Example.com")
const at = DateTime.makeUnsafe("2026-11-20T16:42:10.123Z")
const accountId = AccountId.make(2 ** 40)
const newAddress = EmailAddress.make("ada@example.org")

/** Every MailQueue must pass this together with the outbox that its mails go out from. */
export const mailQueueContract = <E>(name: string, adapter: Layer.Layer<MailQueue | Outbox | Transaction, E>) =>
  layer(adapter, { excludeTestServices: true })(`MailQueue: ${name}`, (it) => {
    letterQueueContract(it, {
      destination: "mail",
      enqueue: (mail: MailRequest) => MailQueue.use((queue) => queue.enqueue(mail)),
      schema: MailRequest,
      subjects: "mails",
      each: [
        [{ _tag: "Verification", accountId, to }, "rookery.mails.verification"],
        [{ _tag: "VerificationAgain", to }, "rookery.mails.verification_again"],
        [{ _tag: "PasswordReset", to }, "rookery.mails.password_reset"],
        [{ _tag: "AddressChanged", to, at, accountId, newAddress }, "rookery.mails.address_changed"],
        [{ _tag: "PasswordChanged", to, at, accountId }, "rookery.mails.password_changed"],
        [{ _tag: "PhoneChanged", to, at }, "rookery.mails.phone_changed"]
      ]
    })
  })
