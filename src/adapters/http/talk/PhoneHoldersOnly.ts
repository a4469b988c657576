import { Effect } from "effect"
import { PhoneHolders } from "../../../application/talk/PhoneHolders.ts"
import type { Refusal, SocketRouteOptions } from "../Handshake.ts"

const noPhoneNumber: Refusal = {
  status: 400,
  message: "This account has no phone number: sign up with one, and show this token there"
}

/** Lets in accounts that have a phone number. */
export const phoneHoldersOnly = Effect.map(
  PhoneHolders,
  (holders): SocketRouteOptions["refusal"] =>
    ({ accountId }) =>
      holders.require(accountId).pipe(
        Effect.as(undefined),
        Effect.catchTag("NoPhoneNumber", () => Effect.succeed(noPhoneNumber))
      )
)
