import { Context, type Effect, Schema } from "effect"
import type { EventId } from "../events/Outbox.ts"
import { EmailAddress } from "./EmailAddress.ts"
import { NonBlankText, Text } from "./Text.ts"

/** One line to read: a line break in it would begin a header of its own. At most 200 characters. */
export const MailSubject = NonBlankText(200)
  .check(Schema.isPattern(/^[^\p{Cc}\u2028\u2029]*$/u, { message: "must be one line without control characters" }))
  .pipe(Schema.brand("MailSubject"))
export type MailSubject = typeof MailSubject.Type

/** A `Message-ID` (RFC 5322, 3.6.4) with its angle brackets, at most 250 characters. */
export const MessageId = Schema.String.check(
  Schema.isMaxLength(250, { message: "must be at most 250 characters" }),
  Schema.isPattern(/^<[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*@[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*>$/, {
    message: "must be a Message-ID such as <1@example.com>"
  })
).pipe(Schema.brand("MessageId"))
export type MessageId = typeof MessageId.Type

/** The same for each try to send the mail of an event, so that a mail that arrives twice can be told to be one. */
export const messageIdOf = (eventId: EventId, publicUrl: string): MessageId => {
  const id = (host: string) => `<${eventId}@${host}>`
  const named = id(new URL(publicUrl).hostname)
  // An IPv6 address, or a name longer than a mail takes. The id is unique without it.
  return MessageId.make(Schema.is(MessageId)(named) ? named : id("rookery.invalid"))
}

/** What a mail says, twice: as plain text, and as HTML for those who prefer it. Bodies have at most 100,000 characters. */
export const mailContent = { subject: MailSubject, text: Text(100_000), html: Text(100_000) }
export type MailContent = { readonly [Part in keyof typeof mailContent]: (typeof mailContent)[Part]["Type"] }

/** A mail to one person. What could break out of a header can't be in one. */
export class Mail extends Schema.Class<Mail>("Mail")({
  to: EmailAddress,
  ...mailContent,
  messageId: MessageId
}) {}

/**
 * Worth another try: the mail server could not be reached, asked for patience (4xx), or refused what is no fault of this
 * mail's, such as our password.
 */
export class MailUnavailable extends Schema.TaggedError<MailUnavailable>()("MailUnavailable", {
  reason: Schema.String,
  /** Of the mail server's answer, where there was one (RFC 5321, 4.2). */
  responseCode: Schema.optionalKey(Schema.Int)
}) {}

/** The mail server will never take this mail (5xx). */
export class MailRejected extends Schema.TaggedError<MailRejected>()("MailRejected", {
  reason: Schema.String,
  responseCode: Schema.optionalKey(Schema.Int)
}) {}

/** Brings mails out. Reasons of failures hold neither credentials nor anything of the mail. */
export class Mailer extends Context.Service<
  Mailer,
  {
    /**
     * Returns when the mail server has taken the mail on. Where that could not be told, because the connection broke at
     * the end, it is unavailable: sent again it may arrive twice, with the same `messageId`.
     */
    send(mail: Mail): Effect.Effect<void, MailUnavailable | MailRejected>
  }
>()("rookery/domain/shared/Mailer") {}
