import { DateTime, Effect, Layer } from "effect"
import { DevOutbox, UnsentMessage } from "../../domain/shared/DevOutbox.ts"
import { type Sms, SmsSender } from "../../domain/shared/SmsSender.ts"

/** Sends nothing: every SMS is taken, and found in the {@link DevOutbox}. */
export const SmsSenderDevOutbox = Layer.effect(
  SmsSender,
  Effect.gen(function* () {
    const outbox = yield* DevOutbox
    const send = Effect.fn("SmsSender.send")(function* ({ text, to }: Sms) {
      const createdAt = yield* DateTime.now
      yield* outbox.add(new UnsentMessage({ channel: "sms", to, subject: null, text, createdAt }))
    })
    return SmsSender.of({ send })
  })
)
