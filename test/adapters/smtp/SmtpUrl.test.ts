import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { MailFrom, mailFromParts } from "../../../src/adapters/smtp/MailFrom.ts"
import { smtpServer, SmtpUrl } from "../../../src/adapters/smtp/SmtpUrl.ts"

const read = (url: string) => Option.getOrThrow(smtpServer(url))

describe("SmtpUrl", () => {
  it("names a server, and who we are there", () => {
    assert.deepStrictEqual(read("smtp://mail.example.com"), {
      host: "mail.example.com",
      port: undefined,
      secure: false,
      requireTLS: false,
      auth: undefined,
      tls: { rejectUnauthorized: true },
      name: undefined
    })
    assert.deepInclude(read("smtps://bird%40example.com:p%3A%2Fss%25@mail.example.com:2465/"), {
      port: 2465,
      secure: true,
      auth: { user: "bird@example.com", pass: "p:/ss%" }
    })
    assert.strictEqual(read("smtp://[::1]:2525").host, "::1")
  })

  it("insists on TLS where a password leaves the machine", () => {
    assert.isTrue(read("smtp://bird:hunter2@mail.example.com").requireTLS)
    assert.isFalse(read("smtp://bird:hunter2@mail.example.com?requireTLS=false").requireTLS)
    for (const host of ["localhost", "127.0.0.1", "[::1]"]) {
      assert.isFalse(read(`smtp://bird:hunter2@${host}:2525`).requireTLS)
      assert.isTrue(read(`smtp://bird:hunter2@${host}:2525?requireTLS=true`).requireTLS)
    }
  })

  it("has few options", () => {
    const url = "smtp://mail.example.com?tls.rejectUnauthorized=false&tls.servername=smtp.example.com&name=rookery"
    assert.deepInclude(read(url), {
      tls: { rejectUnauthorized: false, servername: "smtp.example.com" },
      name: "rookery"
    })
  })

  it("is nothing else", () => {
    for (const url of [
      "",
      "mail.example.com",
      "http://mail.example.com",
      "smtp://",
      "smtp:mail.example.com",
      "smtp://mail.example.com/inbox",
      "smtp://mail.example.com:99999",
      "smtp://bird@mail.example.com",
      "smtp://:hunter2@mail.example.com",
      "smtp://bird:50%off@mail.example.com",
      "smtp://mail.example.com?requireTls=true",
      "smtp://mail.example.com?requireTLS=yes",
      "smtp://mail.example.com?logger=true&debug=true",
      "smtp://mail.example.com?name=a%0d%0ab",
      "smtp://mail.example.com?proxy=http://evil"
    ])
      assert.isFalse(Schema.is(SmtpUrl)(url), url)
  })
})

describe("MailFrom", () => {
  it("is an address, or a name and an address", () => {
    for (const [from, name, address] of [
      ["rookery@example.com", "", "rookery@example.com"],
      ["rookery@localhost", "", "rookery@localhost"],
      ["<rookery@example.com>", "", "rookery@example.com"],
      ["Rookery <rookery@example.com>", "Rookery", "rookery@example.com"],
      ["Röökery 🐦 <rookery@example.com>", "Röökery 🐦", "rookery@example.com"],
      ['"Rookery, Inc." <rookery@example.com>', "Rookery, Inc.", "rookery@example.com"],
      ["Rookery, Inc.<rookery@example.com>", "Rookery, Inc.", "rookery@example.com"]
    ] as const)
      assert.deepStrictEqual(mailFromParts(MailFrom.make(from)), { name, address })
  })

  it("is nothing else", () => {
    for (const from of [
      "",
      "Rookery",
      "rookery@",
      "rookery@host",
      "Rookery rookery@example.com",
      "Rookery <rookery@example.com> x",
      "Rookery <a@example.com>, <b@example.com>",
      "Rookery\r\nBcc: eve@example.com <rookery@example.com>",
      "Rookery <rookery@example.com>\r\n",
      "Roo\u0000kery <rookery@example.com>",
      'Roo"kery <rookery@example.com>',
      `${"x".repeat(101)} <rookery@example.com>`
    ])
      assert.isFalse(Schema.is(MailFrom)(from), from)
  })
})
