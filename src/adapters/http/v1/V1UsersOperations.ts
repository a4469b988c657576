import { operation } from "./V1Docs.ts"

/** What the document says of each operation on one's own account. */
export const operations = {
  getAccount: operation({
    id: "getAccount",
    summary: "Get one's own account",
    description: "Whose access token it is."
  }),
  changeAccount: operation({
    id: "changeAccount",
    summary: "Change one's own account",
    description:
      "A new address is pending until the link that is sent to it has been opened; until then the old one stays. Three mails an hour for each address.",
    errors: {
      409: "An account with this email already exists.",
      422: "email must be an e-mail address such as ada@example.com"
    }
  }),
  deleteAccount: operation({
    id: "deleteAccount",
    summary: "Delete one's own account",
    description: "With everything that is its own. Who has a password is asked for it. Counts as a sign-in.",
    errors: { 422: "password is not the password of this account" }
  })
}
