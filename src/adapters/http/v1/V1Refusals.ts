import { Conflict, Forbidden, Unauthorized } from "./V1Errors.ts"

// What is said wherever the same thing is wrong.

export const invalidToken = () => Unauthorized.of("Invalid or missing access token")

export const notVerified = () =>
  Forbidden.of("This e-mail address has not been verified yet: open the link in the mail that was sent to it")

export const emailTaken = () => Conflict.of("An account with this email already exists.")

export const usernameTaken = () => Conflict.of("An account with this username already exists.")
