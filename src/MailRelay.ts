import { Effect, Layer, Option } from "effect"
import { MailerDevOutbox } from "./adapters/devoutbox/MailerDevOutbox.ts"
import { MailDelivery } from "./application/accounts/MailDelivery.ts"
import type { Configuration } from "./Configuration.ts"
import { lazily } from "./Infrastructure.ts"

type Settings = Configuration["Service"]

const Waiting = Layer.effectDiscard(
  Effect.logWarning("No mail goes out, since SMTP_URL is not set: mails wait in the database until it is")
)

/**
 * Sends mails: to the mail server, or to nobody but the dev outbox. In production they wait for a mail server to be
 * configured; who registers there is not told that, but whoever starts it is.
 */
export const MailRelay = ({ environment, publicUrl, smtp }: Settings) => {
  const delivery = MailDelivery({ publicUrl })
  const relay = Option.match(smtp, {
    onNone: () => (environment === "production" ? undefined : Layer.provide(delivery, MailerDevOutbox)),
    onSome: (options) =>
      Layer.provide(
        delivery,
        lazily(async () => {
          const { MailerSmtp } = await import("./adapters/smtp/MailerSmtp.ts")
          return MailerSmtp(options)
        })
      )
  })
  return relay ?? Waiting
}
