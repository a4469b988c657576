import { Context, Effect, Layer } from "effect"
import { type Sms, SmsSender, type SmsRejected, type SmsUnavailable } from "../../domain/shared/SmsSender.ts"

/** The service that brings SMS out, as a test sees it. */
export class SmsService extends Context.Service<
  SmsService,
  {
    /** Every try to send an SMS, in the order in which they began. */
    readonly tries: Effect.Effect<ReadonlyArray<Sms>>
    /** Those that it took, in the order in which it took them; one that came twice is here twice. */
    readonly taken: Effect.Effect<ReadonlyArray<Sms>>
    /** How it answers from now on; it takes what this succeeds for. */
    answer(sending: (sms: Sms) => Effect.Effect<void, SmsUnavailable | SmsRejected>): Effect.Effect<void>
  }
>()("rookery/adapters/memory/SmsSenderMemory/SmsService") {}

/** Takes every SMS at once, unless a test has {@link SmsService} answer otherwise. */
export const SmsSenderMemory = Layer.effectContext(
  Effect.sync(() => {
    const tries: Array<Sms> = []
    const taken: Array<Sms> = []
    let sending: Parameters<SmsService["Service"]["answer"]>[0] = () => Effect.void

    return Context.make(
      SmsSender,
      SmsSender.of({
        send: (sms) =>
          Effect.suspend(() => {
            tries.push(sms)
            return Effect.map(sending(sms), () => {
              taken.push(sms)
            })
          })
      })
    ).pipe(
      Context.add(
        SmsService,
        SmsService.of({
          tries: Effect.sync(() => [...tries]),
          taken: Effect.sync(() => [...taken]),
          answer: (next) =>
            Effect.sync(() => {
              sending = next
            })
        })
      )
    )
  })
)
