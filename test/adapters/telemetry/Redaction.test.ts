import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, HashMap, Option, Redacted, Schema } from "effect"
import { Headers } from "effect/http"
import { isSecretName, redact, redactFields, redactText } from "../../../src/adapters/telemetry/Redaction.ts"

const jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiI0MiJ9.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

class Failed extends Schema.TaggedError<Failed>()("Failed", { refreshToken: Schema.String, contact: Schema.Int }) {}

describe("redact", () => {
  it("hides what bears the name of a secret, however it is spelled", () => {
    const secret = [
      ["token", "Token", "access_token", "refreshToken", "REFRESH-TOKEN", "id.token", "tokens"],
      ["authorization", "Proxy-Authorization", "password", "newPassword", "password_hash", "secret", "JWT_SECRETS"],
      ["cookie", "Set-Cookie", "set_cookie", "passcode", "api_key", "apiKey", "X-Api-Key", "S3_SECRET", "credentials"]
    ].flat()
    for (const name of secret) assert.isTrue(isSecretName(name), name)
    const open = [
      "tokenType",
      "token_type",
      "expires_in",
      "username",
      "key",
      "passed",
      "secretary",
      "requestId",
      "code"
    ]
    for (const name of open) assert.isFalse(isSecretName(name), name)
  })

  it("hides it at any depth, in every kind of collection", () => {
    const shown = redact({
      name: "Ada",
      request: { headers: [{ authorization: "abc" }], body: new Map([["password", "abc"]]) },
      set: new Set([{ passcode: "abc" }]),
      hash: HashMap.make(["x", { secret: "abc" }]),
      some: Option.some({ cookie: "abc" }),
      headers: Headers.fromInput({ authorization: "abc", "x-api-key": "abc", accept: "text/html" })
    })
    assert.notInclude(JSON.stringify(shown), "abc")
    assert.include(JSON.stringify(shown), "Ada")
    assert.include(JSON.stringify(shown), "text/html")
  })

  it("hides what is Redacted", () => {
    const shown = redact({ plain: Redacted.make("abc"), list: [Redacted.make("abc", { label: "JWT_SECRET" })] })
    assert.notInclude(JSON.stringify(shown), "abc")
  })

  it("shows an error with its fields and causes, and no secret of theirs", () => {
    const error = new Failed({ refreshToken: "abc", contact: 7 })
    const shown = redact(
      new Error(`could not send ${jwt}`, { cause: new Error("inner whsec_abcdef", { cause: error }) })
    )
    const text = JSON.stringify(shown)
    for (const secret of ["abc", jwt]) assert.notInclude(text, secret)
    for (const part of ["could not send", "inner", "Failed", '"contact":7']) assert.include(text, part)
  })

  it("takes anything, and makes JSON of it", () => {
    const circular: Record<string, unknown> = { name: "a" }
    circular.self = circular
    let deep: unknown = "bottom"
    for (let n = 0; n < 10_000; n++) deep = { deep }
    const hostile = {
      get thrown() {
        throw new Error("no")
      }
    }
    const values = [
      circular,
      deep,
      hostile,
      { toJSON: () => Promise.reject(new Error("no")).catch(() => {}) },
      1n,
      Symbol("s"),
      () => 1,
      undefined,
      null,
      Number.NaN,
      new Uint8Array(5),
      new Date(0),
      DateTime.makeUnsafe(0),
      Array.from({ length: 100_000 }, (_, n) => n),
      Object.create(null),
      new Proxy(
        {},
        {
          ownKeys: () => ["__proto__"],
          getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 })
        }
      )
    ]
    for (const value of values)
      assert.isBelow((JSON.stringify(redact(value)) ?? "").length, 5000, inspect(value, { depth: 0 }))
    assert.strictEqual(redact(1n), "1")
    assert.strictEqual(redact(new Uint8Array(5)), "<5 bytes>")
    assert.strictEqual(redact(new Date(0)), "1970-01-01T00:00:00.000Z")
    assert.deepStrictEqual(redactFields({ fine: { n: 1 }, Token: 1 }), { fine: { n: 1 }, Token: "<redacted>" })
  })
})

describe("redactText", () => {
  it("hides what looks like a secret, and leaves the rest as it is", () => {
    const expected: ReadonlyArray<readonly [string, string]> = [
      [`a ${jwt} b`, "a <redacted> b"],
      [`"${jwt.split(".").slice(0, 2).join(".")}."`, '"<redacted>"'],
      ["signed with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw.", "signed with <redacted>."],
      ["Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer <redacted>"],
      ["Bearer token is missing", "Bearer token is missing"],
      ["GET /api/notifications?token=abc&x=1", "GET /api/notifications?token=<redacted>&x=1"],
      ["GET /api/messages/4915112345678?count=1", "GET /api/messages/<redacted>?count=1"],
      ["http://localhost:8000/api/contacts/%2B4915112345678/", "http://localhost:8000/api/contacts/<redacted>/"],
      ["GET /api/messages/media/12345678", "GET /api/messages/media/12345678"],
      ["GET /api/v1/contacts/12345678", "GET /api/v1/contacts/12345678"],
      ["grant_type=password&password=hunter2", "grant_type=password&password=<redacted>"],
      ["refresh_token=abc", "refresh_token=<redacted>"],
      ["connect redis://ada:hunter2@localhost:6379/1 failed", "connect redis://ada:<redacted>@localhost:6379/1 failed"],
      ["postgres://:hunter2@db/x", "postgres://:<redacted>@db/x"],
      ["mail to ada@example.com at http://localhost:8000/x", "mail to ada@example.com at http://localhost:8000/x"],
      ['{"password":"hun\\"ter2","n":1}', '{"password":"<redacted>","n":1}'],
      ['{ accessToken: "abc" }', '{ accessToken: "<redacted>" }'],
      ['"{\\"api_key\\":\\"abc\\"}"', '"{\\"api_key\\":\\"<redacted>\\"}"'],
      ["$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA is stored", "<redacted> is stored"],
      ["Unexpected token: }", "Unexpected token: }"]
    ]
    for (const [text, redacted] of expected) assert.strictEqual(redactText(text), redacted)
  })

  it("takes no longer for texts that are meant to be hard", () => {
    const pieces = [
      "eyJ-",
      "eyJa.eyJ",
      "a.",
      "a://",
      "token",
      "token=",
      'token:"\\',
      "whsec_",
      "$argon2i$",
      "Bearer ",
      "/api/contacts/",
      "/api/messages/1",
      "://a:"
    ]
    for (const piece of pieces) {
      const started = performance.now()
      redactText(piece.repeat(200_000 / piece.length))
      assert.isBelow(performance.now() - started, 1000, piece)
    }
  })
})
