import { Effect, Layer, Option } from "effect"
import { SmsSenderDevOutbox } from "./adapters/devoutbox/SmsSenderDevOutbox.ts"
import { SmsDelivery } from "./application/accounts/SmsDelivery.ts"
import type { Configuration } from "./Configuration.ts"
import { lazily } from "./Infrastructure.ts"

type Settings = Configuration["Service"]

/** Whether SMS go out, if only to the dev outbox. */
export const sendsSms = ({ environment, twilio }: Pick<Settings, "environment" | "twilio">): boolean =>
  Option.isSome(twilio) || environment !== "production"

const NoSms = Layer.effectDiscard(
  Effect.logWarning("No SMS goes out, since TWILIO_ACCOUNT_SID is not set: nobody signs in by phone, nobody is invited")
)

/** Sends SMS: by Twilio, or to nobody but the dev outbox; in production they need Twilio. */
export const SmsRelay = (settings: Settings) => {
  const { passcodeTtl, publicUrl, twilio } = settings
  const delivery = SmsDelivery({ publicUrl, passcodeTtl })
  if (!sendsSms(settings)) return NoSms
  return Option.match(twilio, {
    onNone: () => Layer.provide(delivery, SmsSenderDevOutbox),
    onSome: (options) =>
      Layer.provide(
        delivery,
        lazily(async () => {
          const { SmsSenderTwilio } = await import("./adapters/twilio/SmsSenderTwilio.ts")
          return SmsSenderTwilio(options)
        })
      )
  })
}
