import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { EventId } from "../../../src/domain/events/Outbox.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import { Mail, MessageId, messageIdOf, MailSubject } from "../../../src/domain/shared/Mailer.ts"
import { textsOf } from "../../contracts/Texts.ts"

const eventId = EventId.make("0b0c3f5e-6c2f-4a39-9d4f-0a4a1c1d2e3f")
const written = {
  to: EmailAddress.make("ada@example.com"),
  subject: MailSubject.make("Hello"),
  text: "Hello",
  html: "<p>Hello",
  messageId: messageIdOf(eventId, "https://rookery.example.com")
}

describe("a mail", () => {
  it("is what was written", () => {
    assert.deepInclude(Schema.decodeUnknownSync(Mail)(written), written)
  })

  it("can hold nothing that breaks out of a header", () => {
    for (const change of [
      { to: "ada@example.com\r\nBcc: eve@example.com" },
      { to: "ada@example.com, eve@example.com" },
      { to: "Ada <ada@example.com>" },
      { to: "ada@example.com>\r\nRCPT TO:<eve@example.com" },
      { subject: "Hello\r\nBcc: eve@example.com" },
      { subject: "Hello\nBcc: eve@example.com" },
      { subject: "Hello\rBcc: eve@example.com" },
      { subject: "Hello\u2028" },
      { subject: "Hello\u0085" },
      { subject: "Hello\u0000" },
      { subject: " " },
      { subject: "x".repeat(201) },
      { text: "\ud800" },
      { html: "x".repeat(100_001) },
      { messageId: "<1@example.com>\r\nBcc: eve@example.com" },
      { messageId: "1@example.com" }
    ]) {
      // As from somewhere that no compiler looks at.
      assert.isTrue(Option.isNone(Schema.decodeUnknownOption(Mail)({ ...written, ...change })), JSON.stringify(change))
    }
  })

  it.prop("has a subject of one line", { subject: textsOf(MailSubject) }, ({ subject }) => {
    assert.deepStrictEqual(
      [...subject].filter((character) => /[\p{Cc}\u2028\u2029]/u.test(character)),
      []
    )
  })

  it("has the same Message-ID whenever it is sent, and none of another event", () => {
    assert.strictEqual(written.messageId, `<${eventId}@rookery.example.com>`)
    assert.strictEqual(messageIdOf(eventId, "https://rookery.example.com:8443/base"), written.messageId)
    assert.notStrictEqual(
      messageIdOf(EventId.make("1b0c3f5e-6c2f-4a39-9d4f-0a4a1c1d2e3f"), "https://rookery.example.com"),
      written.messageId
    )
  })

  it("has a Message-ID wherever the server is", () => {
    for (const [publicUrl, host] of [
      ["http://localhost:8000", "localhost"],
      ["http://127.0.0.1:8000", "127.0.0.1"],
      ["http://[::1]:8000", "rookery.invalid"],
      ["https://kräh.example", "xn--krh-rla.example"],
      [`https://${"a.".repeat(120)}example`, "rookery.invalid"]
    ] as const) {
      const id = messageIdOf(eventId, publicUrl)
      assert.strictEqual(id, `<${eventId}@${host}>`)
      assert.isTrue(Schema.is(MessageId)(id))
    }
  })
})
