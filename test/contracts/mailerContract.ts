import { assert, layer } from "@effect/vitest"
import { Context, Effect, type Layer } from "effect"
import { randomUUID } from "node:crypto"
import { EventId } from "../../src/domain/events/Outbox.ts"
import { EmailAddress, emailKey } from "../../src/domain/shared/EmailAddress.ts"
import { Mail, Mailer, messageIdOf, MailSubject } from "../../src/domain/shared/Mailer.ts"
import { Text } from "../../src/domain/shared/Text.ts"
import { textsOf } from "./Texts.ts"

/** A mail as it was read; not everything that takes mails keeps all of it. */
export interface ReadMail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html?: string
  readonly messageId?: string
}

/** What the recipients see. */
export class Mailbox extends Context.Service<
  Mailbox,
  {
    /** Everything that came since the last call, in the order in which it came. */
    readonly received: Effect.Effect<ReadonlyArray<ReadMail>>
  }
>()("rookery/test/Mailbox") {}

export const mailTo = (to: string, changes: { subject?: string; text?: string; html?: string } = {}) =>
  new Mail({
    to: EmailAddress.make(to),
    subject: MailSubject.make(changes.subject ?? "Confirm your e-mail address"),
    text: changes.text ?? "Hello\n\nhttps://rookery.example.com/verify/abc\n",
    html: changes.html ?? '<p>Hello <a href="https://rookery.example.com/verify/abc?a=1&amp;b=2">there</a></p>',
    messageId: messageIdOf(EventId.make(randomUUID()), "https://rookery.example.com")
  })

// Readers drop byte order marks.
const seen = (text: string) => text.replaceAll("\ufeff", "")

/** What mail keeps of a text: lines, but neither how they end nor whether the last one does. */
const lines = (text: string) =>
  seen(text)
    .replaceAll(/\r\n|\r/g, "\n")
    .replace(/\n+$/, "")

const assertIs = (read: ReadMail | undefined, mail: Mail) => {
  assert.isDefined(read)
  // Domains have no case.
  assert.strictEqual(read?.to.toLowerCase(), emailKey(mail.to))
  assert.strictEqual(seen(read?.subject ?? ""), seen(mail.subject))
  assert.strictEqual(lines(read?.text ?? ""), lines(mail.text))
  if (read?.html !== undefined) assert.strictEqual(lines(read.html), lines(mail.html))
  if (read?.messageId !== undefined) assert.strictEqual(read.messageId, mail.messageId)
}

/** Every Mailer must pass this, wherever mails go. */
export const mailerContract = <E>(name: string, adapter: Layer.Layer<Mailer | Mailbox, E>) =>
  layer(adapter, { excludeTestServices: true })(`Mailer: ${name}`, (it) => {
    const arrives = Effect.fnUntraced(function* (mail: Mail) {
      const mailer = yield* Mailer
      const mailbox = yield* Mailbox
      yield* mailer.send(mail)
      const received = yield* mailbox.received
      assert.lengthOf(received, 1)
      assertIs(received[0], mail)
    })

    it.effect("brings a mail as it was written", () => arrives(mailTo("ada@example.com")))

    it.effect("brings subjects and bodies in any script", () =>
      arrives(
        mailTo("ada@example.com", {
          subject: "Grüße, 你好, שלום, 👩‍👩‍👧 =?utf-8?q?no?=",
          text: "Grüße, 你好\nשלום 👩‍👩‍👧 \u{10ffff}\n",
          html: "<p>Grüße, 你好 שלום 👩‍👩‍👧</p>"
        })
      )
    )

    it.effect("brings what would end a message, or a header, as a text", () =>
      arrives(
        mailTo("ada@example.com", {
          subject: "a: b; c=<d> \\ \" ' ,",
          text: ".\n..\nQUIT\n.\n\nFrom me\n--b\n\tBcc: eve@example.com\n =\n=3D\n",
          html: "<p>.\n.\n..</p>\n.\n"
        })
      )
    )

    it.effect("brings lines and bodies however long, and spaces at their ends", () =>
      arrives(
        mailTo("ada@example.com", {
          subject: "ä".repeat(200),
          text: `${"x".repeat(5000)} \n${"漢".repeat(30_000)}\t\n  b `,
          html: `<p>${"é ".repeat(40_000)}</p>`
        })
      )
    )

    it.effect("writes to every sort of address", () =>
      Effect.forEach(["o'brien+tag@sub.example.co.uk", "!#$%&*/=?^_`{|}~-@example.com", "Ada@Example.COM"], (to) =>
        arrives(mailTo(to))
      )
    )

    it.effect.prop(
      "brings any text",
      { subject: textsOf(MailSubject), text: textsOf(Text(1000)), html: textsOf(Text(1000)) },
      ({ html, subject, text }) => arrives(mailTo("ada@example.com", { subject: subject.trim(), text, html })),
      { arbitrary: { runs: 40 } }
    )

    it.effect("takes many at once and loses none", () =>
      Effect.gen(function* () {
        const mailer = yield* Mailer
        const mailbox = yield* Mailbox
        const mails = Array.from({ length: 60 }, (_, n) => mailTo(`ada${n}@example.com`))
        yield* Effect.forEach(mails, mailer.send, { concurrency: 20, discard: true })
        const received = yield* mailbox.received
        assert.sameMembers(
          received.map(({ to }) => to),
          mails.map(({ to }) => to)
        )
      })
    )

    it.effect("gives a mail that is sent again the Message-ID that it had", () =>
      Effect.gen(function* () {
        const mailer = yield* Mailer
        const mailbox = yield* Mailbox
        const mail = mailTo("ada@example.com")
        yield* mailer.send(mail)
        yield* mailer.send(mail)
        const received = yield* mailbox.received
        assert.lengthOf(received, 2)
        received.forEach((read) => assertIs(read, mail))
      })
    )
  })
