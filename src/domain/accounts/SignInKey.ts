import { Schema } from "effect"
import { EmailAddress, emailKey } from "../shared/EmailAddress.ts"
import { Username, usernameKey } from "./Account.ts"

/** What somebody who signs in can be found by. */
export type SignInKey =
  | { readonly _tag: "Username"; readonly usernameKey: string }
  | { readonly _tag: "Email"; readonly emailKey: string }

const isEmailAddress = Schema.is(EmailAddress)
const isUsername = Schema.is(Username)

/** An `@` makes an e-mail address of it. Undefined where no account can have it, so that nobody needs to look. */
export const signInKey = (identifier: string): SignInKey | undefined => {
  if (isEmailAddress(identifier)) return { _tag: "Email", emailKey: emailKey(identifier) }
  return isUsername(identifier) ? { _tag: "Username", usernameKey: usernameKey(identifier) } : undefined
}
