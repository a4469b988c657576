import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Schema } from "effect"
import {
  addressChangeNotice,
  passwordChangeNotice,
  passwordResetMail,
  phoneChangeNotice,
  verificationMail
} from "../../../src/application/accounts/Mails.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import { Mail, type MailContent } from "../../../src/domain/shared/Mailer.ts"

const publicUrl = "https://rookery.example.com"
const at = DateTime.makeUnsafe("2026-11-20T16:42:10Z")
const newAddress = EmailAddress.make("ada.new@example.org")

const mails = (from: string, token: string, address: EmailAddress): ReadonlyArray<MailContent> => [
  verificationMail({ publicUrl: from, token, validFor: Duration.hours(24) }),
  passwordResetMail({ publicUrl: from, token, validFor: Duration.hours(1) }),
  addressChangeNotice({ publicUrl: from, at, newAddress: address }),
  passwordChangeNotice({ publicUrl: from, at }),
  phoneChangeNotice({ publicUrl: from, at })
]

const unescaped = (html: string) => html.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
const linksOf = ({ html }: MailContent) => [...html.matchAll(/href="([^"]*)"/g)].map(([, url]) => unescaped(url ?? ""))

/** The tags of a document, without the texts between them and the attributes in which texts are. */
const skeleton = ({ html }: MailContent) => html.replaceAll(/href="[^"]*"/g, "").match(/<[^>]*>/g)

describe("mails about an account", () => {
  it("are mails", () => {
    for (const content of mails(publicUrl, "abc", newAddress)) {
      new Mail({
        ...content,
        to: EmailAddress.make("ada@example.com"),
        messageId: Mail.fields.messageId.make("<1@example.com>")
      })
      assert.include(content.html, `<title>${content.subject}</title>`)
      assert.include(content.text, `Rookery\n${publicUrl}\n`)
      // Nothing is loaded from anywhere.
      assert.notMatch(content.html, /src=|url\(|<link|<script|@import/)
    }
  })

  it("hold the one link to open, alone on its line and behind a button", () => {
    const verification = verificationMail({ publicUrl, token: "a.b-c_d", validFor: Duration.hours(24) })
    const verify = `${publicUrl}/api/v1/auth/verify/a.b-c_d`
    assert.include(verification.text.split("\n"), verify)
    assert.deepStrictEqual(linksOf(verification), [verify, verify, publicUrl])

    const reset = passwordResetMail({ publicUrl, token: "a.b-c_d", validFor: Duration.hours(1) })
    const choose = `${publicUrl}/api/v1/auth/password/reset?token=a.b-c_d`
    assert.include(reset.text.split("\n"), choose)
    assert.deepStrictEqual(linksOf(reset), [choose, choose, publicUrl])
  })

  it("say for how long their link works", () => {
    for (const [validFor, words] of [
      [Duration.hours(24), "for 24 hours."],
      [Duration.hours(1), "for 1 hour."],
      [Duration.minutes(90), "for 90 minutes."],
      [Duration.minutes(1), "for 1 minute."]
    ] as const) {
      assert.include(verificationMail({ publicUrl, token: "abc", validFor }).text, words)
      assert.include(passwordResetMail({ publicUrl, token: "abc", validFor }).html, words)
    }
  })

  it("say when something was changed, and of a new address only what its owner recognizes", () => {
    for (const notice of mails(publicUrl, "abc", newAddress).slice(2)) {
      assert.include(notice.text, "On 20 November 2026 at 16:42 UTC")
      assert.include(notice.html, "On 20 November 2026 at 16:42 UTC")
    }
    const { html, text } = addressChangeNotice({ publicUrl, at, newAddress })
    for (const body of [html, text]) {
      assert.include(body, "a…@example.org")
      assert.notInclude(body, "ada.new")
    }
  })

  it.prop(
    "are the same document whatever is put into them",
    { token: Schema.NonEmptyString, address: EmailAddress, path: Schema.String },
    ({ address, path, token }) => {
      if (!token.isWellFormed() || !path.isWellFormed()) return
      const from = new URL(`https://rookery.example.com/${path}`).href
      const plain = mails(publicUrl, "abc", newAddress)
      for (const [n, content] of mails(from, token, address).entries()) {
        assert.deepStrictEqual(skeleton(content), skeleton(plain[n] ?? content))
        assert.strictEqual(content.subject, plain[n]?.subject)
      }
    }
  )

  it("let nothing out of a link or a text", () => {
    const hostile = `"><script>alert(1)</script>\r\n\r\nhttps://evil.example/?a=1&b='#/..`
    const address = EmailAddress.make("&'`{}=@example.com")
    for (const content of mails("https://rookery.example.com/'\"<b>&amp;", hostile, address)) {
      assert.notMatch(content.html, /<script|<b>|'"|"'/)
      assert.notMatch(content.text.replaceAll(publicUrl, ""), /<script|evil\.example\//)
    }
    const [link] = linksOf(verificationMail({ publicUrl, token: hostile, validFor: Duration.hours(1) }))
    assert.strictEqual(decodeURIComponent(new URL(link ?? "").pathname.slice("/api/v1/auth/verify/".length)), hostile)
    const [reset] = linksOf(passwordResetMail({ publicUrl, token: hostile, validFor: Duration.hours(1) }))
    assert.deepStrictEqual([...new URL(reset ?? "").searchParams], [["token", hostile]])
  })
})
