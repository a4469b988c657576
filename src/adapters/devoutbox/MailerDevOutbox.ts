import { DateTime, Effect, Layer } from "effect"
import { DevOutbox, UnsentMessage } from "../../domain/shared/DevOutbox.ts"
import { type Mail, Mailer } from "../../domain/shared/Mailer.ts"

/** Sends nothing: every mail is taken, and found in the {@link DevOutbox}. */
export const MailerDevOutbox = Layer.effect(
  Mailer,
  Effect.gen(function* () {
    const outbox = yield* DevOutbox
    const send = Effect.fn("Mailer.send")(function* ({ subject, text, to }: Mail) {
      const createdAt = yield* DateTime.now
      yield* outbox.add(new UnsentMessage({ channel: "mail", to, subject, text, createdAt }))
    })
    return Mailer.of({ send })
  })
)
