import { Schema } from "effect"
import { Passcode } from "../../../domain/accounts/Passcode.ts"
import { PhoneNumber } from "../../../domain/shared/PhoneNumber.ts"
import { described } from "../ApiDocs.ts"
import { docs } from "./TalkMembers.ts"

export const PhoneOnly = described(Schema.Struct({ phone_number: PhoneNumber }), {
  name: "TalkPhoneNumber",
  description: "Where a passcode is to go",
  members: { phone_number: docs.phoneNumber }
})

export const ShownPasscode = described(Schema.Struct({ phone_number: PhoneNumber, passcode: Passcode }), {
  name: "TalkPasscode",
  description: "The passcode that was sent to a number",
  members: { phone_number: docs.phoneNumber, passcode: docs.passcode }
})

export const PasscodeSent = described(Schema.Struct({ success: Schema.Literal(true), message: Schema.String }), {
  name: "TalkPasscodeSent",
  description: "A passcode is on its way",
  members: {
    success: docs.success,
    message: { description: "What comes next, for people", example: "A passcode is on its way to this number." }
  }
})

export const SessionToken = described(Schema.Struct({ success: Schema.Literal(true), token: Schema.String }), {
  name: "TalkToken",
  description: "The token of a new session",
  members: { success: docs.success, token: docs.token }
})
