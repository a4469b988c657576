import { DateTime, type Duration, Effect, Layer, Option, Redacted, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { AccountRepository } from "../../domain/accounts/AccountRepository.ts"
import { nthPasscode, passcodes, type PasscodeRequestId } from "../../domain/accounts/Passcode.ts"
import { PasscodeHasher } from "../../domain/accounts/PasscodeHasher.ts"
import { PasscodeRepository } from "../../domain/accounts/PasscodeRepository.ts"
import { SmsRequest } from "../../domain/accounts/SmsQueue.ts"
import { patience } from "../../domain/events/Backoff.ts"
import type { OutboxEntry } from "../../domain/events/Outbox.ts"
import type { PhoneDigits } from "../../domain/shared/PhoneNumber.ts"
import { Sms, SmsSender, type SmsText } from "../../domain/shared/SmsSender.ts"
import { DeliveryRefused, DeliveryUnavailable, runDeliveries } from "../events/Deliveries.ts"
import { makeOutage } from "../events/Outage.ts"
import { discreetly } from "./LetterDelivery.ts"
import { invitationText, passcodeText, phoneChangeText } from "./SmsTexts.ts"

export interface SmsDeliveryOptions {
  /** Where the outside reaches the server, without a slash at the end. */
  readonly publicUrl: string
  /** For how long a passcode works, from when it is sent. */
  readonly passcodeTtl: Duration.Duration
}

const readRequest = Schema.decodeUnknownEffect(SmsRequest)

/**
 * Sends the SMS that numbers are owed, each by itself, for as long as its scope lasts. What goes wrong is told without
 * anybody's number.
 */
export const SmsDelivery = ({ passcodeTtl, publicUrl }: SmsDeliveryOptions) =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const sender = yield* SmsSender
      const accounts = yield* AccountRepository
      const kept = yield* PasscodeRepository
      const hasher = yield* PasscodeHasher
      const random = yield* SecureRandom.SecureRandom
      const service = yield* makeOutage("The SMS service")

      /**
       * The code is kept before it is sent: nobody may receive one that does not work. A try that nobody knows the end of
       * is followed by another code, and the one before works no more.
       */
      const passcode = Effect.fnUntraced(function* (phone: PhoneDigits, requestId: PasscodeRequestId) {
        const code = nthPasscode(yield* random.intBetween(0, passcodes, { halfOpen: true }))
        const hash = yield* hasher.hash(phone, Redacted.make(code))
        const now = yield* DateTime.now
        const expiresAt = DateTime.addDuration(now, passcodeTtl)
        const isOwed = yield* kept.issue(phone, requestId, { hash, expiresAt }, now)
        return isOwed ? Option.some(passcodeText(code, passcodeTtl)) : Option.none()
      })

      /** Whoever has signed up meanwhile finds the request there. */
      const invitation = (phone: PhoneDigits) =>
        Effect.map(accounts.findByPhone(phone), (account) =>
          Option.isSome(account) ? Option.none() : Option.some(invitationText(publicUrl))
        )

      /** None where nobody is to have it any more. */
      const write = (request: SmsRequest): Effect.Effect<Option.Option<SmsText>> => {
        switch (request._tag) {
          case "Passcode":
            return passcode(request.to, request.requestId)
          case "Invitation":
            return invitation(request.to)
          case "PhoneChanged":
            return Effect.succeedSome(phoneChangeText(request.at, publicUrl))
        }
      }

      const send = (sms: Sms) =>
        sender.send(sms).pipe(
          Effect.tapError((error) => (error._tag === "SmsUnavailable" ? service.began(error.reason) : service.ended)),
          Effect.tap(service.ended)
        )

      const deliver = Effect.fnUntraced(function* ({ data }: OutboxEntry) {
        const request = yield* readRequest(data)
        const text = yield* write(request)
        if (Option.isSome(text)) yield* send(new Sms({ to: request.to, text: text.value }))
      })

      yield* runDeliveries({
        destination: "sms",
        ...patience,
        deliver: (entry) =>
          deliver(entry).pipe(
            discreetly,
            Effect.catchTags({
              SmsUnavailable: ({ reason, retryAfter }) =>
                Effect.fail(new DeliveryUnavailable({ reason, ...(retryAfter && { retryAfter }) })),
              SmsRejected: ({ reason }) => Effect.fail(new DeliveryRefused({ reason }))
            })
          )
      })
    })
  )
