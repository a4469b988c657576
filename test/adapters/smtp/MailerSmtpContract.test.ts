import { Effect, Layer, Redacted } from "effect"
import { MailFrom } from "../../../src/adapters/smtp/MailFrom.ts"
import { MailerSmtp } from "../../../src/adapters/smtp/MailerSmtp.ts"
import { Mailbox, mailerContract } from "../../contracts/mailerContract.ts"
import { smtpTestServer } from "./SmtpTestServer.ts"

const onServer = (options: Parameters<typeof smtpTestServer>[0]) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const { port, received } = yield* smtpTestServer(options)
      const mailbox = Layer.succeed(Mailbox, {
        received: Effect.sync(() =>
          received.splice(0).map(({ email, to }) => ({
            to: to.join(),
            subject: email.subject ?? "",
            text: email.text ?? "",
            html: email.html ?? "",
            messageId: email.messageId ?? ""
          }))
        )
      })
      const mailer = MailerSmtp({
        url: Redacted.make(`smtp://127.0.0.1:${port}`),
        from: MailFrom.make("Rookery <rookery@example.com>")
      })
      return Layer.merge(mailer, mailbox)
    })
  )

mailerContract("SMTP", onServer({}))
mailerContract(
  "SMTP without extensions",
  onServer({ hidePIPELINING: true, hide8BITMIME: true, hideSMTPUTF8: true, hideENHANCEDSTATUSCODES: true })
)
