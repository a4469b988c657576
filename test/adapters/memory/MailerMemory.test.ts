import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { MailerMemory, MailServer } from "../../../src/adapters/memory/MailerMemory.ts"
import { Mailer, MailUnavailable } from "../../../src/domain/shared/Mailer.ts"
import { Mailbox, mailerContract, mailTo } from "../../contracts/mailerContract.ts"

const MailboxMemory = Layer.effect(
  Mailbox,
  MailServer.useSync((server) => {
    let read = 0
    return Mailbox.of({
      received: Effect.map(server.mails, (all) => {
        const received = all.slice(read)
        read = all.length
        return received
      })
    })
  })
)
mailerContract("memory", Layer.provideMerge(MailboxMemory, MailerMemory))

describe("MailerMemory", () => {
  it.effect("answers as a test says, and keeps what was tried apart from what was taken", () =>
    Effect.gen(function* () {
      const mailer = yield* Mailer
      const server = yield* MailServer
      const mail = mailTo("ada@example.com")
      yield* server.answer(() => Effect.fail(new MailUnavailable({ reason: "away" })))
      assert.strictEqual((yield* Effect.flip(mailer.send(mail))).reason, "away")
      yield* server.answer(() => Effect.void)
      yield* mailer.send(mail)
      assert.deepStrictEqual(yield* server.tries, [mail, mail])
      assert.deepStrictEqual(yield* server.mails, [mail])
    }).pipe(Effect.provide(MailerMemory))
  )
})
