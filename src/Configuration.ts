import { Array as Arr, Context, Duration, Effect, Layer, type LogLevel, Option, Redacted, Schema } from "effect"
import { MailFrom } from "./adapters/smtp/MailFrom.ts"
import { SmtpUrl } from "./adapters/smtp/SmtpUrl.ts"
import { WebhookSecret } from "./adapters/upstream/WebhookSignature.ts"
import {
  BackoffBase,
  BaseUrl,
  Bytes32List,
  isLoopbackName,
  Lifetime,
  LogFormat,
  LogLevelName,
  Natural,
  Origins,
  PasscodeLifetime,
  PortNumber,
  PositiveDuration,
  Switch,
  testPasscode,
  TestPasscodes,
  TokenName,
  UrlOf,
  WorkerCount
} from "./ConfigurationValues.ts"
import { all, allOrNone, ConfigurationError, orElse, required, secret, variable } from "./ConfigurationVariable.ts"

const secretText = Schema.NonEmptyString

const load = Effect.gen(function* () {
  const environmentRead = yield* variable(
    "APP_ENV",
    Schema.Literals(["development", "production"]),
    "development or production"
  )
  const environment = Option.getOrElse(environmentRead, () => "development" as const)
  const production = environment === "production"

  const host = yield* orElse("127.0.0.1")(variable("HOST", Schema.NonEmptyString, "a host name or an address"))
  if (Option.isNone(environmentRead) && !isLoopbackName(host)) {
    return yield* required("APP_ENV", `development or production in so many words, since HOST is ${host}`)
  }
  const port = yield* orElse(8000)(variable("PORT", PortNumber, "a port number from 0 to 65535"))
  const publicUrl = yield* orElse(`http://localhost:${port}`)(
    variable("PUBLIC_URL", BaseUrl, "a URL such as https://rookery.example.com")
  )

  const postgres = UrlOf("postgres:", "postgresql:")
  const databaseUrl = yield* secret("DATABASE_URL", postgres, "a URL such as postgres://user:password@host:5432/name")
  const natsUrl = yield* secret("NATS_URL", UrlOf("nats:", "tls:"), "a URL such as nats://host:4222")
  const redisUrl = yield* secret("REDIS_URL", UrlOf("redis:", "rediss:"), "a URL such as redis://host:6379")
  const workers = yield* orElse(1)(variable("WORKERS", WorkerCount, "auto or a whole number from 1 to 256"))
  if (workers > 1) {
    const shared = { DATABASE_URL: databaseUrl, NATS_URL: natsUrl, REDIS_URL: redisUrl }
    yield* all(shared, `a URL, since there are ${workers} WORKERS`)
  }

  const jwtSecrets = yield* secret("JWT_SECRET", Bytes32List, "a secret of at least 32 bytes, or several with commas")
  if (production && Option.isNone(jwtSecrets))
    return yield* required("JWT_SECRET", "a secret, since APP_ENV is production")

  const upstreamUrl = yield* secret("UPSTREAM_URL", UrlOf("http:", "https:"), "an http or https URL")
  const upstreamSecret = yield* secret(
    "UPSTREAM_SECRET",
    WebhookSecret,
    "whsec_ and the Base64 of 24 bytes or more, or a text of 24 bytes or more"
  )
  if (production && Option.isSome(upstreamUrl) && Option.isNone(upstreamSecret)) {
    return yield* required("UPSTREAM_SECRET", "a secret, since APP_ENV is production and UPSTREAM_URL is set")
  }
  const testPasscodes = yield* secret(
    "SMS_TEST_OTP",
    TestPasscodes,
    "a list such as 1234567890=654321,1234567891=654322"
  )
  if (production && Option.isSome(testPasscodes)) {
    return yield* new ConfigurationError({
      variable: "SMS_TEST_OTP",
      read: "a value",
      expected: "nothing, since APP_ENV is production"
    })
  }

  const s3 = {
    S3_ENDPOINT: yield* variable("S3_ENDPOINT", UrlOf("http:", "https:"), "an http or https URL"),
    S3_REGION: yield* variable("S3_REGION", Schema.NonEmptyString, "a region"),
    S3_BUCKET: yield* variable("S3_BUCKET", Schema.NonEmptyString, "a bucket's name"),
    S3_ACCESS_KEY_ID: yield* variable("S3_ACCESS_KEY_ID", Schema.NonEmptyString, "an access key id"),
    S3_SECRET_ACCESS_KEY: yield* secret("S3_SECRET_ACCESS_KEY", secretText, "a secret access key")
  }
  yield* allOrNone(s3)
  const twilio = {
    TWILIO_ACCOUNT_SID: yield* variable("TWILIO_ACCOUNT_SID", Schema.NonEmptyString, "an account SID"),
    TWILIO_AUTH_TOKEN: yield* secret("TWILIO_AUTH_TOKEN", secretText, "an auth token"),
    TWILIO_FROM: yield* variable("TWILIO_FROM", Schema.NonEmptyString, "a phone number")
  }
  yield* allOrNone(twilio)
  const twilioUrl = yield* secret("TWILIO_BASE_URL", BaseUrl, "a URL such as https://api.twilio.com")
  if (Option.isSome(twilioUrl) && Option.isNone(twilio.TWILIO_ACCOUNT_SID)) {
    return yield* required("TWILIO_ACCOUNT_SID", "a value, since TWILIO_BASE_URL is set")
  }
  const smtp = {
    SMTP_URL: yield* secret("SMTP_URL", SmtpUrl, "a URL such as smtp://user:password@host:587"),
    MAIL_FROM: yield* variable("MAIL_FROM", MailFrom, "an address such as Rookery <rookery@example.com>")
  }
  yield* allOrNone(smtp)

  return {
    environment,
    host,
    port,
    workers,
    publicUrl: publicUrl.replace(/\/+$/, ""),
    dataDir: yield* orElse("./data")(variable("DATA_DIR", Schema.NonEmptyString, "a folder")),
    databaseUrl: Option.map(databaseUrl, (url) => Redacted.make(url, { label: "DATABASE_URL" })),
    natsUrl: Option.map(natsUrl, (url) => Redacted.make(url, { label: "NATS_URL" })),
    natsSubjectPrefix: yield* orElse("rookery")(
      variable("NATS_SUBJECT_PREFIX", TokenName, "letters, digits, hyphens and underscores")
    ),
    redisUrl: Option.map(redisUrl, (url) => Redacted.make(url, { label: "REDIS_URL" })),
    upstream: Option.map(upstreamUrl, (url) => Redacted.make(url, { label: "UPSTREAM_URL" })),
    upstreamSecret: Option.map(upstreamSecret, (text) => Redacted.make(text, { label: "UPSTREAM_SECRET" })),
    upstreamTimeout: yield* orElse(Duration.seconds(10))(
      variable("UPSTREAM_TIMEOUT", PositiveDuration, "a duration such as 10 seconds")
    ),
    upstreamBackoff: yield* orElse(Duration.seconds(1))(
      variable("UPSTREAM_BACKOFF", BackoffBase, "a duration from 1 millisecond to 1 hour, such as 1 second")
    ),
    upstreamMaxAttempts: yield* orElse(12)(
      variable("UPSTREAM_MAX_ATTEMPTS", Natural(1, 100), "a whole number from 1 to 100")
    ),
    jwtSecrets: Option.map(
      jwtSecrets,
      Arr.map((text) => Redacted.make(text, { label: "JWT_SECRET" }))
    ),
    s3: Option.all({
      endpoint: s3.S3_ENDPOINT,
      region: s3.S3_REGION,
      bucket: s3.S3_BUCKET,
      accessKeyId: s3.S3_ACCESS_KEY_ID,
      secretAccessKey: Option.map(s3.S3_SECRET_ACCESS_KEY, (key) =>
        Redacted.make(key, { label: "S3_SECRET_ACCESS_KEY" })
      )
    }),
    smtp: Option.all({
      url: Option.map(smtp.SMTP_URL, (url) => Redacted.make(url, { label: "SMTP_URL" })),
      from: smtp.MAIL_FROM
    }),
    twilio: Option.all({
      accountSid: twilio.TWILIO_ACCOUNT_SID,
      authToken: Option.map(twilio.TWILIO_AUTH_TOKEN, (token) => Redacted.make(token, { label: "TWILIO_AUTH_TOKEN" })),
      from: twilio.TWILIO_FROM,
      baseUrl: Option.some(Option.getOrElse(twilioUrl, () => "https://api.twilio.com").replace(/\/+$/, ""))
    }),
    passcodeTtl: yield* orElse(Duration.minutes(10))(
      variable("PASSCODE_TTL", PasscodeLifetime, "a duration of at most 1 day, such as 10 minutes")
    ),
    testPasscodes: new Map(
      Option.getOrElse(testPasscodes, (): ReadonlyArray<string> => []).map((text) => {
        const [phone, passcode] = testPasscode(text)
        return [phone, Redacted.make(passcode, { label: "SMS_TEST_OTP" })]
      })
    ),
    emailVerification: yield* orElse<typeof Switch.Type>("required")(
      variable("EMAIL_VERIFICATION", Switch, "required or off")
    ),
    accessTtl: yield* orElse(Duration.minutes(15))(
      variable("JWT_ACCESS_TTL", Lifetime, "a duration of at most 10 years, such as 15 minutes")
    ),
    sessionTtl: yield* orElse(Duration.days(30))(
      variable("JWT_SESSION_TTL", Lifetime, "a duration of at most 10 years, such as 30 days")
    ),
    corsOrigins: yield* orElse<ReadonlyArray<string>>([])(
      variable("CORS_ORIGINS", Origins, "origins with commas between them, such as https://app.example.com, or *")
    ),
    rateLimitPerMinute: yield* orElse(100)(
      variable("RATE_LIMIT_PER_MINUTE", Natural(0, 1_000_000), "a whole number from 0 to 1000000")
    ),
    trustProxy: yield* orElse(0)(variable("TRUST_PROXY", Natural(0, 16), "a whole number from 0 to 16")),
    otlpEndpoint: yield* variable(
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      UrlOf("http:", "https:"),
      "an http or https URL such as http://localhost:4318"
    ),
    logLevel: yield* orElse<LogLevel.LogLevel>("Info")(
      variable("LOG_LEVEL", LogLevelName, "All, Trace, Debug, Info, Warn, Error, Fatal or None")
    ),
    logFormat: yield* orElse(production ? ("json" as const) : ("pretty" as const))(
      variable("LOG_FORMAT", LogFormat, "pretty or json")
    )
  }
})

/** Everything that the environment decides, read once at start. */
export class Configuration extends Context.Service<Configuration, Effect.Success<typeof load>>()(
  "rookery/Configuration"
) {
  /** Reads the variables of the surrounding `ConfigProvider`; the first wrong one fails. */
  static readonly layer = Layer.effect(Configuration, load)
}
