import { operation } from "./TalkDocs.ts"

const noSms = "No SMS can be sent from here"
const wrong = "Invalid phone number or passcode"
const expired = "The passcode is expired: ask for another one"

/** What the document says of each operation of sign-up and sign-in. */
export const operations = {
  requestSignUpCode: operation({
    id: "requestSignUpCode",
    summary: "Send a passcode to a new number",
    description:
      "Six digits by SMS, which sign the number up. With the token of an account, that account gets the number. The passcode before works no more.",
    errors: { 409: "Phone number already registered", 503: noSms },
    anonymous: true
  }),
  completeSignUp: operation({
    id: "completeSignUp",
    summary: "Sign up with a passcode",
    description:
      "Opens an account with the number; or, with the token of an account, gives it to that one, in the place of the number it had. Five wrong passcodes within an hour, and none works.",
    errors: { 400: wrong, 408: expired, 409: "Phone number already registered" },
    anonymous: true
  }),
  requestSignInCode: operation({
    id: "requestSignInCode",
    summary: "Send a passcode to a number that is registered",
    description: "Six digits by SMS, which sign in. The passcode before works no more.",
    errors: { 404: "Phone number not registered", 503: noSms }
  }),
  completePhoneSignIn: operation({
    id: "completePhoneSignIn",
    summary: "Sign in with a passcode",
    description: "Opens a session. Five wrong passcodes within an hour, and none works.",
    errors: { 400: wrong, 408: expired }
  })
}
