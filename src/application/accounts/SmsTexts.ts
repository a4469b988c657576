import type { DateTime, Duration } from "effect"
import type { Passcode } from "../../domain/accounts/Passcode.ts"
import { SmsText } from "../../domain/shared/SmsSender.ts"
import { lasting, moment } from "./Wording.ts"

// Plain letters of the GSM alphabet (3GPP TS 23.038): with any other, an SMS holds 70 characters and not 160. And no text
// of anybody's choosing: whoever knows a number could have us write to it.

export const passcodeText = (passcode: Passcode, validFor: Duration.Duration): SmsText =>
  SmsText.make(
    `${passcode} is your Rookery code. It works once, for ${lasting(validFor)}. Nobody but you should have it: give it to no one.`
  )

/** To a number that has no account. */
export const invitationText = (publicUrl: string): SmsText =>
  SmsText.make(
    `Somebody who has your number would like to be friends with you on Rookery: ${publicUrl} If you do not want that, there is nothing to do.`
  )

/** To the number that the account had until then. */
export const phoneChangeText = (at: DateTime.Utc, publicUrl: string): SmsText =>
  SmsText.make(
    `On ${moment(at)} your Rookery account was given another phone number, and this one no longer signs in. If that was not you, tell those who run ${publicUrl}`
  )
