import { DateTime, Duration, Effect, Layer, Option, Redacted, Schema, Semaphore } from "effect"
import { type Mail, Mailer, MailUnavailable } from "../../domain/shared/Mailer.ts"
import { type MailFrom, mailFromParts } from "./MailFrom.ts"
import { mailFailure } from "./SmtpFailure.ts"
import { smtpServer } from "./SmtpUrl.ts"

export interface MailerSmtpOptions {
  /** See {@link SmtpUrl}. Never logged. */
  readonly url: Redacted.Redacted<string>
  readonly from: MailFrom
  /** From looking up its name until the server has greeted and TLS stands. 10 seconds if absent. */
  readonly connectTimeout?: Duration.Duration
  /** For one try, from connecting to the server's last word. 30 seconds if absent. */
  readonly sendTimeout?: Duration.Duration
}

/** Of the layer, where Configuration did not check the URL before. It does not show it. */
export class SmtpUrlInvalid extends Schema.TaggedError<SmtpUrlInvalid>()("SmtpUrlInvalid", {}) {
  override readonly message = "The URL of the SMTP server can't be used."
}

/** At once, to a server that may limit them. They are kept for the next mails. */
const mostConnections = 4

/** How long a connection waits for the next mail. */
const idleTimeout = Duration.seconds(30)

/** Ours until the server has closed its side as well. */
const closeTimeout = Duration.seconds(1)

/** Sends mails to an SMTP server. It may be away when the layer is built. */
export const MailerSmtp = (options: MailerSmtpOptions) =>
  Layer.effect(
    Mailer,
    Effect.gen(function* () {
      const server = yield* Option.match(smtpServer(Redacted.value(options.url)), {
        onNone: () => new SmtpUrlInvalid(),
        onSome: Effect.succeed
      })
      const { connectTimeout = Duration.seconds(10), sendTimeout = Duration.seconds(30) } = options
      const { auth, name, port, ...settings } = server
      // Only who sends mail loads it.
      const { createTransport } = yield* Effect.promise(() => import("nodemailer"))
      const transport = yield* Effect.acquireRelease(
        Effect.sync(() =>
          createTransport({
            ...settings,
            ...(port === undefined ? undefined : { port }),
            ...(auth === undefined ? undefined : { auth }),
            ...(name === undefined ? undefined : { name }),
            pool: true,
            maxConnections: mostConnections,
            // For connections of the pool that the server has closed meanwhile.
            maxRequeues: mostConnections,
            connectionTimeout: Duration.toMillis(connectTimeout),
            idleTimeout: Duration.toMillis(idleTimeout),
            // Comes only after the two that matter.
            socketTimeout: Duration.toMillis(Duration.sum(sendTimeout, idleTimeout)),
            socketCloseTimeout: Duration.toMillis(closeTimeout)
          })
        ),
        (transport) => Effect.sync(() => transport.close())
      )
      const turn = Semaphore.makeUnsafe(mostConnections)
      const from = mailFromParts(options.from)
      const late = new MailUnavailable({ reason: `did not take it within ${Duration.format(sendTimeout)}` })

      const attempt = ({ html, messageId, subject, text, to }: Mail, now: DateTime.Utc) =>
        Effect.tryPromise({
          // An address as an object is not parsed once more, and a content that is text is no path and no URL.
          try: (signal) =>
            transport.sendMail({
              envelope: { from: from.address, to: [to] },
              from,
              to: { name: "", address: to },
              subject,
              text,
              html,
              messageId,
              date: DateTime.toDate(now),
              // No automatic answers, please (RFC 3834; the other is how Exchange wants to be told).
              headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
              disableFileAccess: true,
              disableUrlAccess: true,
              signal
            }),
          catch: mailFailure
        }).pipe(Effect.timeoutOrElse({ duration: sendTimeout, orElse: () => Effect.fail(late) }), Effect.asVoid)

      const send = Effect.fn("Mailer.send")((mail: Mail) =>
        // Who waits for a connection of the pool does not use up the time of the try.
        turn.withPermit(Effect.flatMap(DateTime.now, (now) => attempt(mail, now)))
      )

      return Mailer.of({ send })
    })
  )
