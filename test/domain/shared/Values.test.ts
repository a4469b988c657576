import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Password } from "../../../src/domain/accounts/Password.ts"
import { EmailAddress, emailKey } from "../../../src/domain/shared/EmailAddress.ts"
import { PhoneDigits, phoneDigits, PhoneNumber } from "../../../src/domain/shared/PhoneNumber.ts"
import { storableText } from "../../../src/domain/shared/StorableText.ts"
import { NonBlankText, Text } from "../../../src/domain/shared/Text.ts"
import { textsOf } from "../../contracts/Texts.ts"

const takes = (schema: Schema.Codec<string, string>, texts: ReadonlyArray<string>) => {
  for (const text of texts) assert.isTrue(Schema.is(schema)(text), JSON.stringify(text).slice(0, 60))
}
const refuses = (schema: Schema.Codec<string, string>, texts: ReadonlyArray<string>) => {
  for (const text of texts) assert.isFalse(Schema.is(schema)(text), JSON.stringify(text).slice(0, 60))
}
const label = "a".repeat(63)

describe("an e-mail address", () => {
  it.prop("has one @ and a domain with a dot, in ASCII", { email: EmailAddress }, ({ email }) => {
    const [local, domain, ...more] = email.split("@")
    assert.deepStrictEqual(more, [])
    assert.match(domain ?? "", /^[a-zA-Z0-9.-]+\.[a-zA-Z0-9-]+$/)
    assert.isAtMost(local?.length ?? 0, 64)
    assert.isAtMost(email.length, 254)
    assert.strictEqual(emailKey(email), emailKey(EmailAddress.make(email.toUpperCase())))
  })

  it("is what people can type", () => {
    takes(EmailAddress, ["ada@example.com", "a+b@x.co", "o'brien@sub.example.co.uk", "1@2.3", `${"l".repeat(64)}@a.b`])
    takes(EmailAddress, [`a@${label}.${label}.${label}.${"b".repeat(60)}`])
    refuses(EmailAddress, [
      "",
      "a",
      "@",
      "a@",
      "@b.c",
      "a@b",
      "a b@c.d",
      "a@b..c",
      "a@-b.c",
      "a@b-.c",
      "a@b.c.",
      "a@b@c.d"
    ])
    refuses(EmailAddress, [
      "ada@example.com\n",
      " ada@example.com",
      "ada@exämple.com",
      "ada@example.com\u0000",
      "<a@b.c>"
    ])
    refuses(EmailAddress, [`${"l".repeat(65)}@a.b`, `a@${"a".repeat(64)}.b`, `a@${`${label}.`.repeat(4)}com`])
  })

  it("is refused as quickly as it is long", () => {
    const before = performance.now()
    refuses(EmailAddress, [`${"a".repeat(1e6)}@`, `a@${"a-".repeat(5e5)}`, `a@${"a.".repeat(5e5)}!`, "@".repeat(1e6)])
    assert.isBelow(performance.now() - before, 1000)
  })
})

describe("a phone number", () => {
  it.prop("is 7 to 15 digits, with or without a plus", { phone: PhoneNumber }, ({ phone }) => {
    assert.match(phone.replace(/^\+/, ""), /^\d{7,15}$/)
  })

  it("is nothing else", () => {
    takes(PhoneNumber, ["1234567", "+1234567", "123456789012345", "+000000000000000"])
    refuses(PhoneNumber, ["", "+", "123456", "+123456", "1234567890123456", "123 4567", "123-4567", "++1234567"])
    refuses(PhoneNumber, ["1234567\n", " 1234567", "١٢٣٤٥٦٧", "1234567+", "12345６7", "\u00001234567"])
  })

  it.prop("is spelt without the plus where people are found by it", { phone: PhoneNumber }, ({ phone }) => {
    takes(PhoneDigits, [phoneDigits(phone)])
    assert.isTrue(phone === phoneDigits(phone) || phone === `+${phoneDigits(phone)}`)
    refuses(PhoneDigits, [`+${phoneDigits(phone)}`])
  })
})

describe("text", () => {
  it.prop("comes back from UTF-8 as it was", { text: textsOf(Text(1000)) }, ({ text }) => {
    assert.strictEqual(new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text)), text)
  })

  it("has bounds, in UTF-16 code units", () => {
    takes(Text(4), ["", " ", "abcd", "👋👋", "\ufffd\uffff"])
    refuses(Text(4), ["abcde", "👋👋a", "\u0000", "a\u0000b", "\ud800", "\udc00", "\udc4b\ud83d"])
    takes(NonBlankText(4), ["a", " a ", "\u200b", "\u0001"])
    refuses(NonBlankText(4), ["", " ", "\t\n", "\u00a0\u3000", "\ufeff", "abcde"])
  })

  it.prop("can be made of anything that somebody says", { text: textsOf(Schema.String) }, ({ text }) => {
    for (const said of [text, `${text}\u0000`, `\ud800${text}`, `${text}\udc00\u0000`]) {
      const kept = storableText(said, 5)
      assert.isTrue(Schema.is(Text(5))(kept))
    }
    if (Schema.is(Text(1000))(text)) assert.strictEqual(storableText(text, 1000), text)
  })

  it("is cut to what fits, and never within a character", () => {
    assert.strictEqual(storableText("abcdef", 3), "abc")
    assert.strictEqual(storableText("ab👋", 3), "ab\ufffd")
    assert.strictEqual(storableText("a\u0000b", 9), "a\ufffdb")
  })
})

describe("a password", () => {
  it("has 8 characters at least, and 1024 bytes at most", () => {
    takes(Password, ["12345678", "        ", "👋".repeat(8), "x".repeat(1024), "ü".repeat(512)])
    refuses(Password, [
      "",
      "1234567",
      "👋".repeat(7),
      "x".repeat(1025),
      "ü".repeat(513),
      "1234567\ud800",
      "12345678\u0000"
    ])
  })
})
