import { operation } from "./V1Docs.ts"

const usedUp = "Invalid or expired verification link."
const resetUsedUp = "Invalid or expired password reset link."
const malformedEmail = "email must be an e-mail address such as ada@example.com"
const shortPassword = "password must be at least 8 characters"
const noForm = "The request body must be application/x-www-form-urlencoded"
const noCredentials = "Invalid username, e-mail address or password"

/** What the document says of each operation of accounts and sessions. */
export const operations = {
  registerAccount: operation({
    id: "registerAccount",
    summary: "Register",
    description:
      "Username and address are unique without regard to case. A mail with a verification link is sent to the address.",
    errors: { 409: "An account with this email already exists.", 422: malformedEmail }
  }),
  verifyEmail: operation({
    id: "verifyEmail",
    summary: "Verify an e-mail address",
    description:
      "What the link in the mail leads to. Opened again on a verified address it answers the same. A browser gets a page.",
    errors: { 400: usedUp, 409: "An account with this email already exists." },
    never: [422],
    pages: [200, 400, 409]
  }),
  resendVerification: operation({
    id: "resendVerification",
    summary: "Send the verification link again",
    description: "Answers the same whether or not there is an account to verify. Three mails an hour for each address.",
    errors: { 422: malformedEmail }
  }),
  signIn: operation({
    id: "signIn",
    summary: "Sign in for an access token and a refresh token",
    description:
      "The password form of OAuth 2; `username` holds a username or an e-mail address. Who signs in by address needs a verified one.",
    errors: { 401: noCredentials, 415: noForm, 422: "password is required" }
  }),
  issueToken: operation({
    id: "issueToken",
    summary: "Sign in, as OAuth 2 names it",
    description: "The same as `/api/v1/auth/login`.",
    errors: { 401: noCredentials, 415: noForm, 422: "password is required" }
  }),
  refreshTokens: operation({
    id: "refreshTokens",
    summary: "Exchange a refresh token for new tokens",
    description:
      "The refresh token that was shown is rotated out: shown again within 10 seconds it gets tokens of the same session, later it ends that session.",
    errors: { 401: "Invalid or expired refresh token", 422: "refresh_token is required" }
  }),
  signOut: operation({
    id: "signOut",
    summary: "Sign out",
    description:
      "Ends the whole session at once: that of the refresh token in the body, or of the token shown as Bearer.",
    errors: { 401: "Invalid or missing token", 422: "refresh_token must be a string" },
    anonymous: true
  }),
  requestPasswordReset: operation({
    id: "requestPasswordReset",
    summary: "Ask for a password reset link",
    description: "Answers the same whether or not there is such an account. Three mails an hour for each address.",
    errors: { 422: malformedEmail }
  }),
  showPasswordReset: operation({
    id: "showPasswordReset",
    summary: "Show the form for a new password",
    description: "What the link in the mail leads to: a page that needs no script.",
    errors: { 400: resetUsedUp, 422: "token is required" },
    pages: [200, 400, 422]
  }),
  resetPassword: operation({
    id: "resetPassword",
    summary: "Set a new password by link",
    description: "The link works once and for an hour. Ends all sessions. A browser gets a page.",
    errors: { 400: resetUsedUp, 422: shortPassword },
    pages: [200, 400, 422]
  }),
  changePassword: operation({
    id: "changePassword",
    summary: "Change the password",
    description: "Ends all other sessions. Counts as a sign-in.",
    errors: { 422: "current_password is not the password of this account" }
  }),
  listSessions: operation({
    id: "listSessions",
    summary: "List one's own sessions",
    description: "Those that have not ended, the latest used first."
  }),
  endSessions: operation({
    id: "endSessions",
    summary: "End all of one's own sessions",
    description: "All of them at once, or with `keep=current` all others.",
    errors: { 422: 'keep must be "current"' }
  }),
  endSession: operation({
    id: "endSession",
    summary: "End one of one's own sessions",
    description: "At once, and everywhere.",
    errors: { 404: "Session not found", 422: "session_id must be the id of a session" }
  })
}
