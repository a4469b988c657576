import { DateTime, Effect, Option, Redacted } from "effect"
import type { AccountId } from "../../domain/accounts/Account.ts"
import { AccountRepository } from "../../domain/accounts/AccountRepository.ts"
import { type LinkGrant, linkLifetimes, LinkTokens } from "../../domain/accounts/LinkTokens.ts"
import type { MailRequest } from "../../domain/accounts/MailQueue.ts"
import type { EmailAddress } from "../../domain/shared/EmailAddress.ts"
import type { MailContent } from "../../domain/shared/Mailer.ts"
import {
  addressChangeNotice,
  passwordChangeNotice,
  passwordResetMail,
  phoneChangeNotice,
  verificationMail
} from "./Mails.ts"

export interface WrittenMail {
  /** As the account spells it: whoever asked may have spelt it so that it is somebody else's. */
  readonly to: EmailAddress
  readonly content: MailContent
}

/** A mail that goes to one person as it is; the others are requests to look whom there is to write to. */
export type WritableMail = Exclude<MailRequest, { readonly _tag: "VerificationAgain" }>

/** Writes mails as they are due now: links are made here, and who no longer is to have a mail gets none. */
export const makeMailWriting = Effect.fnUntraced(function* (publicUrl: string) {
  const accounts = yield* AccountRepository
  const tokens = yield* LinkTokens

  const signed = Effect.fnUntraced(function* (grant: LinkGrant) {
    const validFor = linkLifetimes[grant.purpose]
    const token = yield* tokens.sign(grant, DateTime.addDuration(yield* DateTime.now, validFor))
    return { publicUrl, token: Redacted.value(token), validFor }
  })

  /** Only while the account waits for that address to be verified. */
  const verification = Effect.fnUntraced(function* (accountId: AccountId, asked: EmailAddress) {
    const found = yield* Effect.option(accounts.findById(accountId))
    if (Option.isNone(found)) return Option.none()
    const { email, emailVerifiedAt, pendingEmail } = found.value
    const isUnverified = emailVerifiedAt === null && found.value.hasEmail(asked)
    const to = isUnverified ? email : found.value.hasPendingEmail(asked) ? pendingEmail : null
    if (to === null) return Option.none()
    const link = yield* signed({ purpose: "verification", accountId, email: to })
    return Option.some({ to, content: verificationMail(link) })
  })

  /** An account has one address at most that counts: a verified one, or the only one it ever had. */
  const passwordReset = Effect.fnUntraced(function* (asked: EmailAddress) {
    const found = Option.getOrUndefined(yield* accounts.findCredentials(asked))
    const to = found?.account.email ?? null
    if (found === undefined || to === null) return Option.none()
    const fingerprint = yield* tokens.fingerprint(found.passwordHash)
    const link = yield* signed({ purpose: "passwordReset", accountId: found.account.id, email: to, fingerprint })
    return Option.some({ to, content: passwordResetMail(link) })
  })

  const notice = (to: EmailAddress, content: MailContent) => Effect.succeedSome({ to, content })

  /** None where nobody is to have it. */
  return (mail: WritableMail): Effect.Effect<Option.Option<WrittenMail>> => {
    switch (mail._tag) {
      case "Verification":
        return verification(mail.accountId, mail.to)
      case "PasswordReset":
        return passwordReset(mail.to)
      case "AddressChanged":
        return notice(mail.to, addressChangeNotice({ publicUrl, at: mail.at, newAddress: mail.newAddress }))
      case "PasswordChanged":
        return notice(mail.to, passwordChangeNotice({ publicUrl, at: mail.at }))
      case "PhoneChanged":
        return notice(mail.to, phoneChangeNotice({ publicUrl, at: mail.at }))
    }
  }
})
