import { type DateTime, Option, Schema } from "effect"
import { retryAfter } from "../../domain/shared/RetryAfter.ts"
import { SmsRejected, SmsUnavailable } from "../../domain/shared/SmsSender.ts"

/** Of an error's body only the number is told (https://www.twilio.com/docs/api/errors): its words quote the SMS. */
const TwilioError = Schema.fromJsonString(Schema.Struct({ code: Schema.Int }))
const readError = Schema.decodeUnknownOption(TwilioError)

/** Statuses that ask for another try; every 5xx does too. */
const passing = new Set([408, 425, 429])

/** Statuses that speak of how we call: nobody let in, suspended, or no such account. Whoever runs this mends it. */
const ours = new Set([401, 403, 404, 405, 410])

/**
 * Errors that come with 400 and yet are no fault of this one SMS: the sender's number is wrong, not ours or can't send SMS
 * (21212, 21603, 21606, 21659 to 21661), the account is not let in or not active (20003, 20005), or too much is under way
 * (14107, 20429, 21611).
 */
const oursByCode = new Set([14107, 20003, 20005, 20429, 21212, 21603, 21606, 21611, 21659, 21660, 21661])

export interface TwilioAnswer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: string
}

/** Why an SMS was not taken, by an answer other than 2xx. */
export const verdict = (answer: TwilioAnswer, now: DateTime.Utc): SmsRejected | SmsUnavailable => {
  const { body, status } = answer
  const code = Option.getOrUndefined(readError(body))?.code
  const reason = code === undefined ? `answered ${status}` : `answered ${status} (error ${code})`
  const isFinal = status >= 400 && status < 500 && !passing.has(status) && !ours.has(status)
  if (isFinal && (code === undefined || !oursByCode.has(code))) return new SmsRejected({ reason })
  const asked = retryAfter(answer.retryAfter, now)
  return new SmsUnavailable({ reason, ...(asked === undefined ? undefined : { retryAfter: asked }) })
}
