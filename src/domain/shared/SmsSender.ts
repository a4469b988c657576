import { Context, type Effect, Schema } from "effect"
import { NonBlankText } from "./Text.ts"
import { PhoneDigits } from "./PhoneNumber.ts"

/** What an SMS says, at most 480 characters: three parts. */
export const SmsText = NonBlankText(480).pipe(Schema.brand("SmsText"))
export type SmsText = typeof SmsText.Type

/** An SMS to one number. */
export class Sms extends Schema.Class<Sms>("Sms")({ to: PhoneDigits, text: SmsText }) {}

/** Worth another try: the service could not be reached, asked for patience (429, 5xx), or let nobody in. */
export class SmsUnavailable extends Schema.TaggedError<SmsUnavailable>()("SmsUnavailable", {
  reason: Schema.String,
  /** How long it asked to be left alone (`Retry-After`). */
  retryAfter: Schema.optionalKey(Schema.Duration)
}) {}

/** The service will never send this SMS: the number can't be reached, or asked not to be. */
export class SmsRejected extends Schema.TaggedError<SmsRejected>()("SmsRejected", { reason: Schema.String }) {}

/** Brings SMS out. Reasons of failures hold neither credentials nor anything of the SMS. */
export class SmsSender extends Context.Service<
  SmsSender,
  {
    /** Returns when the service has taken it on. */
    send(sms: Sms): Effect.Effect<void, SmsUnavailable | SmsRejected>
  }
>()("rookery/domain/shared/SmsSender") {}
