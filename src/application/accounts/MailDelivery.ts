import { Effect, Layer, Option, Schema } from "effect"
import { AccountRepository } from "../../domain/accounts/AccountRepository.ts"
import { MailRequest } from "../../domain/accounts/MailQueue.ts"
import { patience } from "../../domain/events/Backoff.ts"
import type { OutboxEntry } from "../../domain/events/Outbox.ts"
import { type EmailAddress, emailKey } from "../../domain/shared/EmailAddress.ts"
import { Mail, Mailer, type MailRejected, type MailUnavailable, messageIdOf } from "../../domain/shared/Mailer.ts"
import { RateLimits } from "../../domain/shared/RateLimits.ts"
import { Transaction } from "../../domain/shared/Transaction.ts"
import { DeliveryRefused, DeliveryUnavailable, runDeliveries } from "../events/Deliveries.ts"
import { makeOutage } from "../events/Outage.ts"
import { discreetly } from "./LetterDelivery.ts"
import { makeMailing } from "./Mailing.ts"
import { makeMailWriting } from "./MailWriting.ts"

export interface MailDeliveryOptions {
  /** Where the outside reaches the server, without a slash at the end. */
  readonly publicUrl: string
}

const readRequest = Schema.decodeUnknownEffect(MailRequest)

/** Whether the mail server speaks of us, or not at all, rather than of this one mail (RFC 5321, 4.2.1). */
const isOutage = ({ responseCode }: MailUnavailable) =>
  responseCode === undefined || responseCode === 421 || responseCode >= 500

/**
 * Sends the mails that people are owed, each by itself, for as long as its scope lasts. What goes wrong is told without
 * anybody's address.
 */
export const MailDelivery = ({ publicUrl }: MailDeliveryOptions) =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const mailer = yield* Mailer
      const accounts = yield* AccountRepository
      const limits = yield* RateLimits
      const { atomic } = yield* Transaction
      const ask = yield* makeMailing
      const write = yield* makeMailWriting(publicUrl)
      const server = yield* makeOutage("The mail server")

      /** Everybody who waits for that address to be verified gets a mail and a link of their own. */
      const spread = Effect.fnUntraced(function* (to: EmailAddress) {
        const holder = Option.toArray(yield* accounts.findByEmail(to))
        // Somebody has verified it: no link to it would work.
        if (holder.some(({ emailVerifiedAt }) => emailVerifiedAt !== null)) return
        const waiting = [...holder, ...(yield* accounts.listByPendingEmail(to))]
        const mails: Array<MailRequest> = []
        for (const { id: accountId } of waiting) {
          // The first was counted when it was asked for. Whoever claims an address many times over fills no mailbox by it.
          if (mails.length > 0 && Option.isNone(yield* Effect.option(limits.consume("mails", emailKey(to))))) break
          mails.push({ _tag: "Verification", accountId, to })
        }
        yield* atomic(Effect.forEach(mails, ask, { discard: true }))
      })

      const send = (mail: Mail): Effect.Effect<void, MailRejected | MailUnavailable> =>
        mailer.send(mail).pipe(
          Effect.tapError((error) =>
            error._tag === "MailUnavailable" && isOutage(error) ? server.began(error.reason) : server.ended
          ),
          Effect.tap(server.ended)
        )

      const deliver = Effect.fnUntraced(function* ({ data, eventId }: OutboxEntry) {
        const request = yield* readRequest(data)
        if (request._tag === "VerificationAgain") return yield* spread(request.to)
        const written = yield* write(request)
        if (Option.isNone(written)) return
        const { content, to } = written.value
        yield* send(new Mail({ to, ...content, messageId: messageIdOf(eventId, publicUrl) }))
      })

      yield* runDeliveries({
        destination: "mail",
        ...patience,
        deliver: (entry) =>
          deliver(entry).pipe(
            discreetly,
            Effect.catchTags({
              MailUnavailable: ({ reason }) => Effect.fail(new DeliveryUnavailable({ reason })),
              MailRejected: ({ reason }) => Effect.fail(new DeliveryRefused({ reason }))
            })
          )
      })
    })
  )
