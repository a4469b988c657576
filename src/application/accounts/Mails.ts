import type { DateTime, Duration } from "effect"
import type { EmailAddress } from "../../domain/shared/EmailAddress.ts"
import type { MailContent } from "../../domain/shared/Mailer.ts"
import { mailContent } from "./MailLayout.ts"
import { lasting, moment } from "./Wording.ts"

// No mail holds a text of the requester's choosing, such as a user name: whoever registers with somebody else's address
// could have us write to them.

interface FromHere {
  /** Where the outside reaches the server, without a slash at the end. */
  readonly publicUrl: string
}

export interface LinkMail extends FromHere {
  readonly token: string
  /** For how long the link works. */
  readonly validFor: Duration.Duration
}

export interface NoticeMail extends FromHere {
  /** When it was changed. */
  readonly at: DateTime.Utc
}

/** `a…@example.com`: who knows the address recognizes it, and nobody else learns it. */
const hinted = (address: EmailAddress) => `${address.slice(0, 1)}…${address.slice(address.lastIndexOf("@"))}`

const notMe = "If that was you, there is nothing to do. If it was not you, somebody else can use your account: "
const lockOut = `${notMe}reset your password at once, which signs everybody out.`
const askForHelp = `${notMe}change your password at once if you can still sign in, and tell those who run this server.`

/** To an address that somebody says is theirs. */
export const verificationMail = ({ publicUrl, token, validFor }: LinkMail): MailContent =>
  mailContent({
    publicUrl,
    subject: "Confirm your e-mail address",
    paragraphs: ["Please confirm that this e-mail address is yours, to use it with your account."],
    link: { label: "Confirm address", url: `${publicUrl}/api/v1/auth/verify/${encodeURIComponent(token)}` },
    closing: [
      `The link works for ${lasting(validFor)}.`,
      "If you did not ask for this, you can ignore it: without the link this address is not confirmed."
    ]
  })

export const passwordResetMail = ({ publicUrl, token, validFor }: LinkMail): MailContent =>
  mailContent({
    publicUrl,
    subject: "Reset your password",
    paragraphs: ["Somebody, hopefully you, asked to choose a new password for the account with this e-mail address."],
    link: {
      label: "Choose a new password",
      url: `${publicUrl}/api/v1/auth/password/reset?token=${encodeURIComponent(token)}`
    },
    closing: [
      `The link works once, and for ${lasting(validFor)}. A new password signs you out everywhere.`,
      "If you did not ask for this, you can ignore it: your password stays as it is."
    ]
  })

/** To the address that the account had until then. */
export const addressChangeNotice = (notice: NoticeMail & { readonly newAddress: EmailAddress }): MailContent =>
  mailContent({
    publicUrl: notice.publicUrl,
    subject: "Your e-mail address was changed",
    paragraphs: [
      `On ${moment(notice.at)} the e-mail address of your account was changed to ${hinted(notice.newAddress)}.`,
      "From now on mails about your account go there."
    ],
    closing: [askForHelp]
  })

export const passwordChangeNotice = ({ at, publicUrl }: NoticeMail): MailContent =>
  mailContent({
    publicUrl,
    subject: "Your password was changed",
    paragraphs: [`On ${moment(at)} the password of your account was changed.`],
    closing: [lockOut]
  })

export const phoneChangeNotice = ({ at, publicUrl }: NoticeMail): MailContent =>
  mailContent({
    publicUrl,
    subject: "Your phone number was changed",
    paragraphs: [`On ${moment(at)} the phone number of your account was changed. It can be used to sign in.`],
    closing: [lockOut]
  })
