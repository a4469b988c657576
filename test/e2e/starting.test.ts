import { PgClient } from "@effect/sql-pg"
import { Effect, Redacted } from "effect"
import { createServer } from "node:net"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { ApiClient } from "../support/ApiClient.ts"
import { launching, startRookery, stopRookery, temporaryFolder, whenUp } from "../support/RookeryServer.ts"
import { describeWith, freshDatabase, natsUrl, postgresUrl } from "../support/Services.ts"
import { server, TestScope } from "./Suites.ts"

const scope = new TestScope()
afterAll(scope.close, 60_000)

type Variables = Readonly<Record<string, string>>

/** What a start that is refused prints, and its exit code. */
const refusedStart = async (env: Variables) => {
  const dataDir = await scope.open(temporaryFolder)
  const launched = await scope.open(launching({ dataDir, env }))
  const code = await launched.ended
  return { code, output: launched.output() }
}

/** Exactly one line on what is wrong, and nothing else. */
const assertOneLine = ({ code, output }: Awaited<ReturnType<typeof refusedStart>>, line: RegExp) => {
  assert.match(output, /^[^\n]*\n$/, "one line")
  assert.match(output.trimEnd(), line)
  assert.strictEqual(code, 1)
}

const secret = "hunter2-hunter2"

/** For each variable a value that it can't have, or one that another asks for. */
const wrong: ReadonlyArray<readonly [variable: string, env: Variables, read: string]> = [
  ["PORT", { PORT: "80x" }, '"80x"'],
  ["PORT", { PORT: "65536" }, '"65536"'],
  ["APP_ENV", { APP_ENV: "prod" }, '"prod"'],
  ["APP_ENV", { HOST: "0.0.0.0" }, "nothing"],
  ["PUBLIC_URL", { PUBLIC_URL: "ftp://localhost" }, '"ftp://localhost"'],
  ["DATABASE_URL", { DATABASE_URL: `mysql://root:${secret}@localhost/db` }, "a value of \\d+ characters"],
  ["NATS_URL", { NATS_URL: `http://root:${secret}@localhost` }, "a value of \\d+ characters"],
  ["NATS_SUBJECT_PREFIX", { NATS_SUBJECT_PREFIX: "a.b" }, '"a.b"'],
  ["REDIS_URL", { REDIS_URL: secret }, "a value of \\d+ characters"],
  ["WORKERS", { WORKERS: "many" }, '"many"'],
  ["DATABASE_URL", { WORKERS: "2" }, "nothing"],
  ["JWT_SECRET", { JWT_SECRET: secret }, "a value of \\d+ characters"],
  ["JWT_SECRET", { JWT_SECRET: `${"x".repeat(32)},${secret}` }, "a value of \\d+ characters"],
  ["JWT_ACCESS_TTL", { JWT_ACCESS_TTL: "soon" }, '"soon"'],
  ["JWT_SESSION_TTL", { JWT_SESSION_TTL: "-1 days" }, '"-1 days"'],
  ["UPSTREAM_URL", { UPSTREAM_URL: `gopher://${secret}` }, "a value of \\d+ characters"],
  ["UPSTREAM_SECRET", { UPSTREAM_SECRET: secret }, "a value of \\d+ characters"],
  ["UPSTREAM_SECRET", { UPSTREAM_SECRET: `whsec_${secret}hunter2` }, "a value of \\d+ characters"],
  ["UPSTREAM_TIMEOUT", { UPSTREAM_TIMEOUT: "10" }, '"10"'],
  ["UPSTREAM_BACKOFF", { UPSTREAM_BACKOFF: "2 hours" }, '"2 hours"'],
  ["UPSTREAM_MAX_ATTEMPTS", { UPSTREAM_MAX_ATTEMPTS: "0" }, '"0"'],
  ["CORS_ORIGINS", { CORS_ORIGINS: "https://app.example.com/path" }, '"https://app.example.com/path"'],
  ["RATE_LIMIT_PER_MINUTE", { RATE_LIMIT_PER_MINUTE: "many" }, '"many"'],
  ["TRUST_PROXY", { TRUST_PROXY: "yes" }, '"yes"'],
  ["S3_ENDPOINT", { S3_BUCKET: "rookery" }, "nothing"],
  ["SMTP_URL", { MAIL_FROM: "rookery@example.com" }, "nothing"],
  ["TWILIO_ACCOUNT_SID", { TWILIO_AUTH_TOKEN: secret }, "nothing"],
  ["PASSCODE_TTL", { PASSCODE_TTL: "never" }, '"never"'],
  ["EMAIL_VERIFICATION", { EMAIL_VERIFICATION: "on" }, '"on"'],
  ["SMS_TEST_OTP", { SMS_TEST_OTP: `1234567=${secret}` }, "a value of \\d+ characters"],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", { OTEL_EXPORTER_OTLP_ENDPOINT: "localhost" }, '"localhost"'],
  ["LOG_LEVEL", { LOG_LEVEL: "verbose" }, '"verbose"'],
  ["LOG_FORMAT", { LOG_FORMAT: "xml" }, '"xml"']
]

const production = { APP_ENV: "production", JWT_SECRET: "x".repeat(32) }

describe("a wrong value stops the start with one line", () => {
  it.concurrent.each(wrong)("that names %s: %j", async (variable, env, read) => {
    const refused = await refusedStart(env)
    assertOneLine(refused, new RegExp(`^rookery: ${variable}: read ${read}, expected \\S.*$`))
    assert.notInclude(refused.output, secret)
  })
})

describe("production refuses", () => {
  it.concurrent("a generated secret for tokens", async () => {
    assertOneLine(
      await refusedStart({ APP_ENV: "production" }),
      /^rookery: JWT_SECRET: read nothing, expected a secret, since APP_ENV is production$/
    )
  })

  it.concurrent("a generated secret for the upstream", async () => {
    assertOneLine(
      await refusedStart({ ...production, UPSTREAM_URL: "http://localhost:1" }),
      /^rookery: UPSTREAM_SECRET: read nothing, expected a secret, since APP_ENV is production and UPSTREAM_URL is set$/
    )
  })

  it.concurrent("passcodes for tests", async () => {
    assertOneLine(
      await refusedStart({ ...production, SMS_TEST_OTP: "1234567890=654321" }),
      /^rookery: SMS_TEST_OTP: read a value, expected nothing, since APP_ENV is production$/
    )
  })
})

describe("a part that is not there stops the start with one line", () => {
  it.concurrent("that names the database, without its password", async () => {
    const refused = await refusedStart({ DATABASE_URL: `postgres://ada:${secret}@127.0.0.1:1/rookery` })
    assertOneLine(refused, /^rookery: .*DATABASE_URL.*postgres:\/\/ada@127\.0\.0\.1:1\/rookery.*$/)
    assert.notInclude(refused.output, secret)
  })

  it.concurrent("that names the port, when somebody has it", async () => {
    const other = createServer()
    const port = await new Promise<number>((resolve) =>
      other.listen(0, "127.0.0.1", () => {
        const address = other.address()
        resolve(address !== null && typeof address === "object" ? address.port : 0)
      })
    )
    try {
      assertOneLine(
        await refusedStart({ PORT: String(port) }),
        new RegExp(`^rookery: HOST 127\\.0\\.0\\.1, PORT ${port}: cannot listen there, another program does already$`)
      )
    } finally {
      other.close()
    }
  })

  it.concurrent("that names the address, when it is none of this machine", async () => {
    assertOneLine(
      await refusedStart({ HOST: "192.0.2.1", APP_ENV: "development" }),
      /^rookery: HOST 192\.0\.2\.1, PORT 0: cannot listen there, it is no address of this machine$/
    )
  })

  it.concurrent("that names the folder, when it can't be made", async () => {
    assertOneLine(
      await refusedStart({ DATA_DIR: "/proc/rookery" }),
      /^rookery: DATA_DIR \/proc\/rookery cannot be used: .+$/
    )
  })
})

describeWith(postgresUrl)("a server's start without a folder for blobs", () => {
  it("is stopped with one line", async () => {
    const databaseUrl = Redacted.value(await scope.open(freshDatabase()))
    assertOneLine(
      await refusedStart({ DATABASE_URL: databaseUrl, DATA_DIR: "/proc/rookery" }),
      /^rookery: DATA_DIR \/proc\/rookery cannot be used: the file system said ENOENT$/
    )
  })
})

describe("the first lines", () => {
  it("say where it listens, where the docs are and the data lies, and what is embedded", async () => {
    const dataDir = await scope.open(temporaryFolder)
    const started = await scope.open(startRookery({ dataDir }))
    const address = started.url.replace("127.0.0.1", "localhost")
    const lines = started.output().split("\n")
    assert.match(lines[0] ?? "", new RegExp(`^Rookery \\d+\\.\\d+\\.\\d+ is up on ${address} \\(development\\)$`))
    const text = lines.slice(1).join("\n")
    assert.match(text, new RegExp(`docs +${address}/docs and ${address}/redoc\\n`))
    assert.match(text, new RegExp(`data +embedded PostgreSQL in ${join(dataDir, "data")}/postgres\\n`))
    assert.match(text, /events +in process; set NATS_URL for JetStream\n/)
    assert.match(text, new RegExp(`mail +${address}/dev/outbox; set SMTP_URL to send it\\n`))
    assert.match(text, /limits +in process; set REDIS_URL to share them\n/)
    assert.match(text, /upstream +off; set UPSTREAM_URL to hand notes on\n/)
    for (const page of ["/docs", "/redoc"]) assert.strictEqual((await fetch(`${started.url}${page}`)).status, 200)
  })

  it("are one JSON object each where LOG_FORMAT says so", async () => {
    const dataDir = await scope.open(temporaryFolder)
    const started = await scope.open(startRookery({ dataDir, env: { LOG_FORMAT: "json" } }))
    const [first] = started.output().split("\n")
    const { message } = JSON.parse(first ?? "") as { readonly message: string }
    assert.match(message, /^Rookery .* is up on http:\/\/localhost:\d+ \(development\)$/)
    assert.include(first, "embedded PostgreSQL in")
  })

  it("come with what `.env` says, unless the environment says otherwise", async () => {
    const dataDir = await scope.open(temporaryFolder)
    await writeFile(
      join(dataDir, ".env"),
      "# a comment\nLOG_FORMAT=json\nDATA_DIR=./elsewhere\nRATE_LIMIT_PER_MINUTE=7\n"
    )
    const started = await scope.open(startRookery({ dataDir, env: { DATA_DIR: "./here" } }))
    assert.include(started.output(), join(dataDir, "here/postgres"))
    assert.doesNotThrow(() => JSON.parse(started.output().split("\n")[0] ?? "") as unknown)
    const answer = await fetch(`${started.url}/contacts`)
    assert.include(answer.headers.get("ratelimit-policy"), "q=7;")
  })
})

describe("a second start on the same DATA_DIR", () => {
  it("is refused with one line while the first goes on", async () => {
    const dataDir = await scope.open(temporaryFolder)
    const first = await scope.open(startRookery({ dataDir }))
    const api = new ApiClient(first.url)
    const user = await api.signUp()
    const second = await scope.open(launching({ dataDir }))
    const code = await second.ended
    assertOneLine(
      { code, output: second.output() },
      new RegExp(
        `^rookery: DATA_DIR ${join(dataDir, "data")} is in use by another Rookery \\(pid ${first.process.pid}\\)$`
      )
    )
    assert.isAbove(await api.contact(user), 0)
    // By another name it is the same folder.
    await mkdir(join(dataDir, "x"))
    const third = await scope.open(launching({ dataDir, env: { DATA_DIR: join(dataDir, "x/../data") } }))
    assert.strictEqual(await third.ended, 1)
    await stopRookery(first)
    const again = await scope.open(startRookery({ dataDir }))
    assert.strictEqual((await new ApiClient(again.url).get("/contacts", { token: user.token })).status, 200)
  })
})

describeWith(postgresUrl, natsUrl)("two instances at once on a new database", () => {
  it("make its tables once, and both work", async () => {
    const env = { ...(await scope.open(server.variables)), RATE_LIMIT_PER_MINUTE: "0" }
    const starts = Array.from({ length: 3 }, async () =>
      scope.open(startRookery({ dataDir: await scope.open(temporaryFolder), env }))
    )
    const clients = (await Promise.all(starts)).map(({ url }) => new ApiClient(url))
    const users = await Promise.all(clients.map((api) => api.signUp()))
    for (const api of clients) {
      for (const { token } of users) assert.strictEqual((await api.get("/contacts", { token })).status, 200)
    }
  })
})

/** Until it says that it waits; where it never does, the test's time runs out. */
const waiting = async ({ output }: { readonly output: () => string }) => {
  while (!output().endsWith("\n")) await new Promise((resolve) => setTimeout(resolve, 20))
}

describeWith(postgresUrl)("a second instance without NATS", () => {
  it("waits for the first to leave, and takes over", async () => {
    const env = { DATABASE_URL: Redacted.value(await scope.open(freshDatabase())) }
    const start = async () => launching({ dataDir: await scope.open(temporaryFolder), env })
    const first = await whenUp(await scope.open(await start()))
    const user = await new ApiClient(first.url).signUp()
    const launched = await scope.open(await start())
    await waiting(launched)
    assert.match(launched.output(), /^[^\n]*Another instance is running on this database: waiting for it to leave\n$/)
    await stopRookery(first)
    const second = await whenUp(launched)
    assert.strictEqual((await new ApiClient(second.url).get("/contacts", { token: user.token })).status, 200)
  })
})

describeWith(postgresUrl)("a second instance that waits", () => {
  it("leaves the tables as they are until it is the only one", async () => {
    const url = await scope.open(freshDatabase())
    const run = (statement: string) =>
      Effect.runPromise(
        Effect.flatMap(PgClient.PgClient, (sql) => sql.unsafe(statement)).pipe(Effect.provide(PgClient.layer({ url })))
      )
    const start = async () =>
      launching({ dataDir: await scope.open(temporaryFolder), env: { DATABASE_URL: Redacted.value(url) } })
    const first = await whenUp(await scope.open(await start()))
    // To the second it looks as if there were everything to migrate.
    await run("ALTER TABLE schema_migrations RENAME TO migrated")
    const launched = await scope.open(await start())
    await waiting(launched)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    assert.match(launched.output(), /waiting for it to leave\n$/)
    await run("ALTER TABLE migrated RENAME TO schema_migrations")
    await stopRookery(first)
    await whenUp(launched)
  })
})

describe("a NATS that is away", () => {
  it("keeps nobody from starting", async () => {
    const env = { NATS_URL: "nats://127.0.0.1:1" }
    const dataDir = await scope.open(temporaryFolder)
    const started = await scope.open(startRookery({ dataDir, env }))
    const api = new ApiClient(started.url)
    const user = await api.signUp()
    await api.note(user, await api.contact(user))
    assert.strictEqual((await api.get("/ready")).status, 503)
  })
})
