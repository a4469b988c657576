import { Context, Effect, Layer } from "effect"
import { type Mail, Mailer, type MailRejected, type MailUnavailable } from "../../domain/shared/Mailer.ts"

/** The mail server as a test sees it. */
export class MailServer extends Context.Service<
  MailServer,
  {
    /** Every try to send a mail, in the order in which they began. */
    readonly tries: Effect.Effect<ReadonlyArray<Mail>>
    /** The mails that it took, in the order in which it took them; one that came twice is here twice. */
    readonly mails: Effect.Effect<ReadonlyArray<Mail>>
    /** How it answers from now on; it takes what this succeeds for. */
    answer(sending: (mail: Mail) => Effect.Effect<void, MailUnavailable | MailRejected>): Effect.Effect<void>
  }
>()("rookery/adapters/memory/MailerMemory/MailServer") {}

/** Takes every mail at once, unless a test has {@link MailServer} answer otherwise. */
export const MailerMemory = Layer.effectContext(
  Effect.sync(() => {
    const tries: Array<Mail> = []
    const mails: Array<Mail> = []
    let sending: Parameters<MailServer["Service"]["answer"]>[0] = () => Effect.void

    return Context.make(
      Mailer,
      Mailer.of({
        send: (mail) =>
          Effect.suspend(() => {
            tries.push(mail)
            return Effect.map(sending(mail), () => {
              mails.push(mail)
            })
          })
      })
    ).pipe(
      Context.add(
        MailServer,
        MailServer.of({
          tries: Effect.sync(() => [...tries]),
          mails: Effect.sync(() => [...mails]),
          answer: (next) =>
            Effect.sync(() => {
              sending = next
            })
        })
      )
    )
  })
)
