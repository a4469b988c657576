import { HashMap, Predicate } from "effect"
import type { Account } from "../../domain/accounts/Account.ts"
import { emailKey } from "../../domain/shared/EmailAddress.ts"
import type { OutboxRow, World } from "./World.ts"

const addressOf = ({ data }: OutboxRow["entry"]): string | undefined =>
  Predicate.hasProperty(data, "to") && Predicate.isString(data.to) ? data.to.toLowerCase() : undefined

/** The outbox without the account's dead letters, and without links that it no longer waits for. */
export const withoutLetters = ({ outbox }: World, { email, id, phoneNumber }: Account): World["outbox"] => {
  const emailOrNone = email === null ? undefined : emailKey(email)
  const isGone = ({ diedAt, entry }: OutboxRow): boolean => {
    if (entry.destination !== "mail" && entry.destination !== "sms") return false
    const isTheirs = Predicate.hasProperty(entry.data, "accountId") && entry.data.accountId === id
    const to = addressOf(entry)
    const isToEmail = to !== undefined && to === emailOrNone
    if (entry.type === "rookery.mails.verification" && isTheirs) return true
    if (entry.type === "rookery.mails.password_reset" && isToEmail) return true
    return diedAt !== null && (isTheirs || isToEmail || (to !== undefined && to === phoneNumber))
  }
  return HashMap.filter(outbox, (row) => !isGone(row))
}
