import { Schema } from "effect"
import { EmailAddress } from "../../domain/shared/EmailAddress.ts"

export interface MailFromParts {
  /** What people see, or the empty string. */
  readonly name: string
  readonly address: string
}

// What would need escaping in a name is refused rather than escaped.
const written = /^(?:"(?<quoted>[^"\\<>\p{Cc}]{0,100})"|(?<plain>[^"\\<>\p{Cc}]{0,100}?)) *<(?<address>[^<>]{3,254})>$/u

/** A mail server on the same machine needs no domain with a dot. */
const isAddress = (text: string) => Schema.is(EmailAddress)(text.endsWith("@localhost") ? `${text}.localdomain` : text)

const parse = (text: string): MailFromParts | undefined => {
  const { address = text, plain, quoted } = written.exec(text)?.groups ?? {}
  return isAddress(address) ? { name: (quoted ?? plain ?? "").trim(), address } : undefined
}

/** Whom mails are from: `rookery@example.com`, or `Rookery <rookery@example.com>`. */
export const MailFrom = Schema.String.check(
  Schema.makeFilter((text) =>
    parse(text) === undefined ? "must be an address such as Rookery <rookery@example.com>" : undefined
  )
).pipe(Schema.brand("MailFrom"))
export type MailFrom = typeof MailFrom.Type

export const mailFromParts = (from: MailFrom): MailFromParts => parse(from) ?? { name: "", address: from }
