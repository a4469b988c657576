import { Option, Schema } from "effect"
import { MailRejected, MailUnavailable } from "../../domain/shared/Mailer.ts"

/** As nodemailer's errors are. Of their message and of the server's words nothing is told: they can quote the mail. */
const Failure = Schema.Struct({
  /** The step that failed, in nodemailer's words. */
  code: Schema.optional(Schema.String),
  /** The system's own code, such as `ECONNREFUSED`. */
  originalCode: Schema.optional(Schema.String),
  responseCode: Schema.optional(Schema.Int),
  response: Schema.optional(Schema.String),
  command: Schema.optional(Schema.String)
})
type Failure = typeof Failure.Type
const readFailure = Schema.decodeUnknownOption(Failure)

/** Where the server decides on the mail: at MAIL FROM, RCPT TO and DATA. Before that it knows only us. */
const aboutMail = new Set(["EENVELOPE", "EMESSAGE"])

/** Also said there, but of the session: out of order (503), or not signed in as the server wants it (RFC 4954, RFC 3207). */
const aboutSession = new Set([503, 530, 534, 535, 538])

/** `550 5.1.1`: the reply code, and the enhanced one (RFC 3463) where there is one. */
const codesOf = (responseCode: number, response = "") => {
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})(?!\S)/.exec(response)?.[1]
  return enhanced === undefined ? `${responseCode}` : `${responseCode} ${enhanced}`
}

const isFinal = ({ code = "", responseCode }: Failure) =>
  aboutMail.has(code) && (responseCode === undefined || (responseCode >= 500 && !aboutSession.has(responseCode)))

/** What became of the mail, by the server's reply code and by the step at which it was said. */
export const mailFailure = (cause: unknown): MailUnavailable | MailRejected => {
  const failure = Option.getOrElse(readFailure(cause), (): Failure => ({}))
  const { code, command, originalCode, response, responseCode } = failure
  const step = command === undefined || command === "CONN" ? "the connection" : command
  if (responseCode === undefined) {
    const what = originalCode ?? code ?? "unknown failure"
    return isFinal(failure)
      ? new MailRejected({ reason: `can't be sent: ${what}` })
      : new MailUnavailable({ reason: `could not be reached: ${what}` })
  }
  const reason = `answered ${codesOf(responseCode, response)} to ${step}`
  return isFinal(failure) ? new MailRejected({ reason, responseCode }) : new MailUnavailable({ reason, responseCode })
}
