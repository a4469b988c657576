import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { DevOutboxInProcess } from "../../../src/adapters/devoutbox/DevOutboxInProcess.ts"
import { MailerDevOutbox } from "../../../src/adapters/devoutbox/MailerDevOutbox.ts"
import { DevOutbox, UnsentMessage } from "../../../src/domain/shared/DevOutbox.ts"
import { Mailer } from "../../../src/domain/shared/Mailer.ts"
import { Mailbox, mailerContract, mailTo } from "../../contracts/mailerContract.ts"

const adapters = Layer.provideMerge(MailerDevOutbox, DevOutboxInProcess)

const MailboxDevOutbox = Layer.effect(
  Mailbox,
  DevOutbox.useSync((outbox) => {
    let read = 0
    return Mailbox.of({
      received: Effect.map(outbox.list(), (all) => {
        const received = all.toReversed().slice(read)
        read = all.length
        return received.map(({ subject, text, to }) => ({ to, subject: subject ?? "", text }))
      })
    })
  })
)
mailerContract("dev outbox", Layer.provideMerge(MailboxDevOutbox, adapters))

const sms = (to: string, text: string) =>
  new UnsentMessage({ channel: "sms", to, subject: null, text, createdAt: DateTime.makeUnsafe(0) })

describe("DevOutbox", () => {
  it.effect("lists newest first, with the time", () =>
    Effect.gen(function* () {
      const mailer = yield* Mailer
      const outbox = yield* DevOutbox
      yield* TestClock.setTime(1000)
      yield* mailer.send(mailTo("ada@example.com", { subject: "first", text: "1" }))
      yield* outbox.add(sms("+1234567", "654321"))
      yield* mailer.send(mailTo("ada@example.com", { subject: "third", text: "3" }))
      const listed = yield* outbox.list()
      assert.deepStrictEqual(
        listed.map(({ channel, subject, text }) => [channel, subject, text]),
        [
          ["mail", "third", "3"],
          ["sms", null, "654321"],
          ["mail", "first", "1"]
        ]
      )
      assert.deepStrictEqual(listed[0]?.createdAt, DateTime.makeUnsafe(1000))
    }).pipe(Effect.provide(adapters))
  )

  it.effect("lists what was meant for somebody, however the address or the number is written", () =>
    Effect.gen(function* () {
      const mailer = yield* Mailer
      const outbox = yield* DevOutbox
      yield* mailer.send(mailTo("Ada@Example.com"))
      yield* mailer.send(mailTo("ada2@example.com"))
      yield* outbox.add(sms("+1234567", "one"))
      yield* outbox.add(sms("12345678", "two"))
      // A `+` that came in a query unescaped is a space.
      for (const [to, count] of [
        ["ada@example.com", 1],
        ["ADA@EXAMPLE.COM", 1],
        ["ada", 0],
        ["", 0],
        ["1234567", 1],
        ["+1234567", 1],
        [" 1234567", 1],
        ["+12345678", 1]
      ] as const)
        assert.lengthOf(yield* outbox.list(to), count, to)
    }).pipe(Effect.provide(adapters))
  )

  it.effect("keeps the latest 1000", () =>
    Effect.gen(function* () {
      const outbox = yield* DevOutbox
      for (let n = 1; n <= 1003; n++) yield* outbox.add(sms("+1234567", `${n}`))
      const listed = yield* outbox.list()
      assert.lengthOf(listed, 1000)
      assert.deepStrictEqual([listed[0]?.text, listed.at(-1)?.text], ["1003", "4"])
    }).pipe(Effect.provide(adapters))
  )
})
