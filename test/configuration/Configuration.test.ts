import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Duration, Effect, Layer, Option, Redacted } from "effect"
import { readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { Configuration } from "../../src/Configuration.ts"

const read = (env: Record<string, string>) =>
  Configuration.pipe(
    Effect.provide(Configuration.layer.pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))))
  )

const refusal = (env: Record<string, string>) => Effect.map(Effect.flip(read(env)), (error) => error.message)

/** What several processes share. */
const servers = {
  DATABASE_URL: "postgres://localhost/rookery",
  NATS_URL: "nats://localhost:4222",
  REDIS_URL: "redis://localhost:6379"
}

const secret = "a secret of more than 32 bytes for certain"

describe("Configuration", () => {
  it.effect("runs alone with nothing set, as the documented defaults say", () =>
    Effect.gen(function* () {
      const settings = yield* read({})
      assert.strictEqual(settings.port, 8000)
      assert.strictEqual(settings.host, "127.0.0.1")
      assert.strictEqual(settings.publicUrl, "http://localhost:8000")
      assert.strictEqual(settings.dataDir, "./data")
      assert.strictEqual(settings.environment, "development")
      assert.isTrue(Option.isNone(settings.databaseUrl))
      assert.isTrue(Option.isNone(settings.natsUrl))
      assert.isTrue(Option.isNone(settings.redisUrl))
      assert.isTrue(Option.isNone(settings.upstream))
      assert.strictEqual(Duration.toMinutes(settings.accessTtl), 15)
      assert.strictEqual(Duration.toDays(settings.sessionTtl), 30)
      assert.strictEqual(Duration.toSeconds(settings.upstreamTimeout), 10)
      assert.strictEqual(Duration.toSeconds(settings.upstreamBackoff), 1)
      assert.strictEqual(settings.upstreamMaxAttempts, 12)
      assert.strictEqual(settings.rateLimitPerMinute, 100)
      assert.strictEqual(settings.trustProxy, 0)
      assert.deepStrictEqual(settings.corsOrigins, [])
      assert.isTrue(Option.isNone(settings.smtp))
      assert.isTrue(Option.isNone(settings.s3))
      assert.isTrue(Option.isNone(settings.twilio))
      assert.strictEqual(Duration.toMinutes(settings.passcodeTtl), 10)
      assert.strictEqual(settings.testPasscodes.size, 0)
      assert.strictEqual(settings.emailVerification, "required")
      assert.strictEqual(settings.workers, 1)
    })
  )

  it.effect("reads how many processes there are, one for each core where it says auto", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* read({ WORKERS: "1" })).workers, 1)
      assert.strictEqual((yield* read({ ...servers, WORKERS: "256" })).workers, 256)
      assert.strictEqual(
        (yield* read({ ...servers, WORKERS: " auto " })).workers,
        Math.min(availableParallelism(), 256)
      )
    })
  )

  it.effect.each(["DATABASE_URL", "NATS_URL", "REDIS_URL"] as const)("asks for %s where there are several", (name) =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* refusal({ ...servers, WORKERS: "3", [name]: "" }),
        `${name}: read nothing, expected a URL, since there are 3 WORKERS`
      )
    })
  )

  it.effect("reads the mail server and the sender together", () =>
    Effect.gen(function* () {
      const url = "smtps://ada:hunter2@mail.example.com"
      const { smtp } = yield* read({ SMTP_URL: url, MAIL_FROM: "Rookery <rookery@example.com>" })
      const server = Option.getOrThrow(smtp)
      assert.strictEqual(Redacted.value(server.url), url)
      assert.strictEqual(server.from, "Rookery <rookery@example.com>")
      assert.notInclude(String(server.url), "hunter2")
      assert.strictEqual((yield* read({ EMAIL_VERIFICATION: "off" })).emailVerification, "off")
    })
  )

  it.effect("reads the account of Twilio together, and where its API is", () =>
    Effect.gen(function* () {
      const account = { TWILIO_ACCOUNT_SID: "AC1", TWILIO_AUTH_TOKEN: "hunter2", TWILIO_FROM: "+15005550006" }
      const { twilio } = yield* read(account)
      const { authToken, ...rest } = Option.getOrThrow(twilio)
      assert.deepStrictEqual(rest, { accountSid: "AC1", from: "+15005550006", baseUrl: "https://api.twilio.com" })
      assert.strictEqual(Redacted.value(authToken), "hunter2")
      assert.notInclude(String(authToken), "hunter2")
      const elsewhere = yield* read({ ...account, TWILIO_BASE_URL: "http://localhost:1/twilio/" })
      assert.strictEqual(Option.getOrThrow(elsewhere.twilio).baseUrl, "http://localhost:1/twilio")
    })
  )

  it.effect("reads how long passcodes live, and the fixed ones of test numbers by their digits", () =>
    Effect.gen(function* () {
      const { passcodeTtl, testPasscodes } = yield* read({
        PASSCODE_TTL: "90 seconds",
        SMS_TEST_OTP: "+1234567890=054321, 1234567891=654322"
      })
      assert.strictEqual(Duration.toSeconds(passcodeTtl), 90)
      assert.deepStrictEqual(
        [...testPasscodes].map(([phone, passcode]) => [phone, Redacted.value(passcode)]),
        [
          ["1234567890", "054321"],
          ["1234567891", "654322"]
        ]
      )
      assert.notInclude(String([...testPasscodes]), "654322")
    })
  )

  it.effect("reads all that an S3 store needs together", () =>
    Effect.gen(function* () {
      const { s3 } = yield* read({
        S3_ENDPOINT: "http://127.0.0.1:7070",
        S3_REGION: "eu-1",
        S3_BUCKET: "rookery",
        S3_ACCESS_KEY_ID: "ada",
        S3_SECRET_ACCESS_KEY: "hunter2"
      })
      const { secretAccessKey, ...store } = Option.getOrThrow(s3)
      const expected = { endpoint: "http://127.0.0.1:7070", region: "eu-1", bucket: "rookery", accessKeyId: "ada" }
      assert.deepStrictEqual(store, expected)
      assert.strictEqual(Redacted.value(secretAccessKey), "hunter2")
      assert.notInclude(String(secretAccessKey), "hunter2")
    })
  )

  it.effect("takes what is set to nothing as not set", () =>
    Effect.gen(function* () {
      const settings = yield* read({ PORT: "", DATABASE_URL: " ", JWT_SECRET: "" })
      assert.strictEqual(settings.port, 8000)
      assert.isTrue(Option.isNone(settings.databaseUrl))
    })
  )

  it.effect("reads a list of secrets, the first of which signs", () =>
    Effect.gen(function* () {
      const { jwtSecrets } = yield* read({ JWT_SECRET: `${secret}, ${secret}2` })
      assert.deepStrictEqual(Option.getOrThrow(jwtSecrets).map(Redacted.value), [secret, `${secret}2`])
    })
  )

  it.effect("follows PORT in PUBLIC_URL, and takes its slash away", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* read({ PORT: "9000" })).publicUrl, "http://localhost:9000")
      assert.strictEqual((yield* read({ PUBLIC_URL: "https://a.example/" })).publicUrl, "https://a.example")
    })
  )

  it.effect.each([
    ["PORT", "http", `PORT: read "http", expected a port number from 0 to 65535`],
    ["PORT", "65536", `PORT: read "65536", expected a port number from 0 to 65535`],
    ["WORKERS", "0", `WORKERS: read "0", expected auto or a whole number from 1 to 256`],
    ["WORKERS", "-1", `WORKERS: read "-1", expected auto or a whole number from 1 to 256`],
    ["WORKERS", "1.5", `WORKERS: read "1.5", expected auto or a whole number from 1 to 256`],
    ["WORKERS", "many", `WORKERS: read "many", expected auto or a whole number from 1 to 256`],
    ["WORKERS", "1000", `WORKERS: read "1000", expected auto or a whole number from 1 to 256`],
    ["WORKERS", "AUTO", `WORKERS: read "AUTO", expected auto or a whole number from 1 to 256`],
    ["PUBLIC_URL", "rookery", `PUBLIC_URL: read "rookery", expected a URL such as https://rookery.example.com`],
    [
      "JWT_SESSION_TTL",
      "99999999999 days",
      `JWT_SESSION_TTL: read "99999999999 days", expected a duration of at most 10 years, such as 30 days`
    ],
    [
      "PUBLIC_URL",
      "http://x/?a=b",
      `PUBLIC_URL: read "http://x/?a=b", expected a URL such as https://rookery.example.com`
    ],
    ["APP_ENV", "prod", `APP_ENV: read "prod", expected development or production`],
    ["UPSTREAM_URL", "ftp://x", "UPSTREAM_URL: read a value of 7 characters, expected an http or https URL"],
    ["UPSTREAM_TIMEOUT", "soon", `UPSTREAM_TIMEOUT: read "soon", expected a duration such as 10 seconds`],
    ["UPSTREAM_TIMEOUT", "0 seconds", `UPSTREAM_TIMEOUT: read "0 seconds", expected a duration such as 10 seconds`],
    [
      "UPSTREAM_BACKOFF",
      "2 hours",
      `UPSTREAM_BACKOFF: read "2 hours", expected a duration from 1 millisecond to 1 hour, such as 1 second`
    ],
    ["UPSTREAM_MAX_ATTEMPTS", "0", `UPSTREAM_MAX_ATTEMPTS: read "0", expected a whole number from 1 to 100`],
    [
      "JWT_ACCESS_TTL",
      "-1 minute",
      `JWT_ACCESS_TTL: read "-1 minute", expected a duration of at most 10 years, such as 15 minutes`
    ],
    [
      "JWT_SESSION_TTL",
      "forever",
      `JWT_SESSION_TTL: read "forever", expected a duration of at most 10 years, such as 30 days`
    ],
    ["PASSCODE_TTL", "x", `PASSCODE_TTL: read "x", expected a duration of at most 1 day, such as 10 minutes`],
    [
      "PASSCODE_TTL",
      "25 hours",
      `PASSCODE_TTL: read "25 hours", expected a duration of at most 1 day, such as 10 minutes`
    ],
    ["TWILIO_FROM", "+15005550006", "TWILIO_ACCOUNT_SID: read nothing, expected a value, since TWILIO_FROM is set"],
    [
      "TWILIO_BASE_URL",
      "http://localhost:1",
      "TWILIO_ACCOUNT_SID: read nothing, expected a value, since TWILIO_BASE_URL is set"
    ],
    [
      "CORS_ORIGINS",
      "example.com",
      `CORS_ORIGINS: read "example.com", expected origins with commas between them, such as https://app.example.com, or *`
    ],
    ["EMAIL_VERIFICATION", "on", `EMAIL_VERIFICATION: read "on", expected required or off`],
    ["RATE_LIMIT_PER_MINUTE", "-1", `RATE_LIMIT_PER_MINUTE: read "-1", expected a whole number from 0 to 1000000`],
    ["TRUST_PROXY", "yes", `TRUST_PROXY: read "yes", expected a whole number from 0 to 16`],
    [
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      "x",
      `OTEL_EXPORTER_OTLP_ENDPOINT: read "x", expected an http or https URL such as http://localhost:4318`
    ],
    ["LOG_FORMAT", "xml", `LOG_FORMAT: read "xml", expected pretty or json`],
    [
      "NATS_SUBJECT_PREFIX",
      "a.b",
      `NATS_SUBJECT_PREFIX: read "a.b", expected letters, digits, hyphens and underscores`
    ],
    ["S3_REGION", "eu", "S3_ENDPOINT: read nothing, expected a value, since S3_REGION is set"],
    ["MAIL_FROM", "a@b.co", "SMTP_URL: read nothing, expected a value, since MAIL_FROM is set"]
  ] as const)("stops at %s=%s with one line", ([name, value, line]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* refusal({ [name]: value }), line)
    })
  )

  it.effect.each([
    ["JWT_SECRET", "hunter2"],
    ["JWT_SECRET", `${secret},hunter2`],
    ["DATABASE_URL", "mysql://root:hunter2@localhost/x"],
    ["NATS_URL", "http://root:hunter2@localhost"],
    ["REDIS_URL", "hunter2"],
    ["NATS_URL", "nats://ada%zz:hunter2@localhost"],
    ["UPSTREAM_SECRET", "hunter2"],
    ["SMTP_URL", "http://root:hunter2@localhost"],
    ["SMS_TEST_OTP", "1234567890=hunter2"],
    ["SMS_TEST_OTP", "123456=654321,hunter2"],
    ["TWILIO_BASE_URL", "https://ada:hunter2@twilio.example"]
  ] as const)("refuses %s without showing what was read", ([name, value]) =>
    Effect.gen(function* () {
      const line = yield* refusal({ [name]: value })
      assert.match(line, new RegExp(`^${name}: read a value of \\d+ characters, expected `))
      assert.notInclude(line, "hunter2")
    })
  )

  it.effect("refuses in production what is generated or meant for development", () =>
    Effect.gen(function* () {
      const production = { APP_ENV: "production" }
      assert.include(yield* refusal(production), "JWT_SECRET: read nothing")
      const signed = { ...production, JWT_SECRET: secret }
      assert.strictEqual((yield* read(signed)).environment, "production")
      assert.include(yield* refusal({ ...signed, UPSTREAM_URL: "http://localhost:1" }), "UPSTREAM_SECRET: read nothing")
      assert.include(yield* refusal({ ...signed, SMS_TEST_OTP: "1234567890=654321" }), "SMS_TEST_OTP: read a value")
    })
  )

  it.effect("asks for an explicit APP_ENV where others can reach it", () =>
    Effect.gen(function* () {
      assert.include(yield* refusal({ HOST: "0.0.0.0" }), "APP_ENV: read nothing")
      assert.strictEqual((yield* read({ HOST: "0.0.0.0", APP_ENV: "development" })).host, "0.0.0.0")
      assert.strictEqual((yield* read({ HOST: "::1" })).host, "::1")
    })
  )

  it("has every variable in .env.example, and no other", () => {
    const source = readFileSync("src/Configuration.ts", "utf8")
    const known = new Set([...source.matchAll(/(?:variable|secret)\(\s*"([A-Z0-9_]+)"/g)].map(([, name]) => name))
    const example = readFileSync(".env.example", "utf8")
    const listed = new Set([...example.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name))
    assert.deepStrictEqual([...listed].toSorted(), [...known].toSorted())
    assert.isAbove(known.size, 30)
  })
})
