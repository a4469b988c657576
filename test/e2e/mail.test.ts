import { Effect } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type ReceivedMail, smtpTestServer } from "../adapters/smtp/SmtpTestServer.ts"
import { stopRookery } from "../support/RookeryServer.ts"
import { eventually } from "./Eventually.ts"
import { request, sendRaw } from "./RawHttp.ts"
import { embedded, type Environment, LiveRookery, onEach, server } from "./Suites.ts"
import { type TcpProxy, tcpProxy } from "./TcpProxy.ts"
import { freshEmail, linkIn, mailsTo, register, signIn } from "./V1Accounts.ts"

interface MailServer {
  readonly received: ReadonlyArray<ReceivedMail>
  /** What stands between, to be cut. */
  readonly way: TcpProxy
}

/** A mail server of their own for all tests of a suite. */
const openMailServer = Effect.gen(function* () {
  const { port, received } = yield* smtpTestServer()
  const way = yield* tcpProxy({ host: "127.0.0.1", port })
  return { received, way } satisfies MailServer
})

const variablesOf = ({ way }: MailServer) => ({
  SMTP_URL: `smtp://127.0.0.1:${way.port}`,
  MAIL_FROM: "Rookery <rookery@example.com>"
})

let mail: MailServer

const withMailServer = (environment: Environment): Environment => ({
  ...environment,
  variables: Effect.gen(function* () {
    mail = yield* openMailServer
    return { ...(yield* environment.variables), ...variablesOf(mail) }
  })
})

/** The mail to that address; a retry comes seconds after the failure before it. */
const arrival = (to: string): Promise<ReceivedMail> =>
  eventually(() => mail.received.find((one) => one.to.includes(to)) ?? assert.fail(`no mail to ${to}`), 20_000)

/** Opens the link in it, as whoever reads it does. */
const openLink = async ({ api }: LiveRookery, { email }: ReceivedMail) => {
  const [link = ""] = /http:\/\/localhost:\d+\/api\/v1\/auth\/verify\/\S+/.exec(email.text ?? "") ?? []
  const path = link === "" ? "" : new URL(link).pathname
  api.secrets.add(path.slice(path.lastIndexOf("/") + 1))
  assert.deepInclude(await api.get(path), { status: 200 })
}

const metric = async ({ api }: LiveRookery, name: string) => {
  const { text } = await api.get("/metrics")
  return Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length) ?? Number.NaN
  )
}

onEach(
  "mail",
  (rookery) => {
    const { api } = rookery

    it("goes to the mail server, and the link in it verifies the address", async () => {
      const person = await register(api)
      const { email, from } = await arrival(person.email)
      assert.strictEqual(from, "rookery@example.com")
      assert.strictEqual(email.subject, "Confirm your e-mail address")
      const refused = await api.request("POST", "/api/v1/auth/login", {
        form: { username: person.email, password: person.password }
      })
      assert.strictEqual(refused.status, 403)
      await openLink(rookery, await arrival(person.email))
      await signIn(api, person.email, person.password)
    })

    it("waits for a mail server that is away, while people register", async () => {
      mail.way.cut()
      const [fromV1, fromClassic] = [await register(api), freshEmail(api)]
      const names = { first_name: "Ada", last_name: "Lovelace" }
      const { status } = await api.post("/register", { ...names, email: fromClassic, password: api.password() })
      assert.strictEqual(status, 201)
      await eventually(() => assert.include(rookery.output(), "The mail server is away, trying until it is back"))
      assert.isAtLeast(await metric(rookery, 'rookery_outbox_pending{destination="mail"}'), 2)
      mail.way.mend()
      await openLink(rookery, await arrival(fromV1.email))
      await openLink(rookery, await arrival(fromClassic))
      await eventually(() => assert.include(rookery.output(), "The mail server is back"))
      await signIn(api, fromV1.email, fromV1.password)
      // Nobody's address is told to whoever reads logs and metrics.
      const { text } = await api.get("/metrics")
      for (const address of [fromV1.email, fromClassic]) assert.notInclude(rookery.output() + text, address)
    }, 60_000)

    it("that is owed is sent by whoever starts after a process was killed", async () => {
      mail.way.cut()
      const person = await register(api)
      rookery.server.process.kill("SIGKILL")
      assert.strictEqual(await rookery.server.ended, "SIGKILL")
      mail.way.mend()
      assert.isUndefined(mail.received.find(({ to }) => to.includes(person.email)))
      await rookery.start()
      await openLink(rookery, await arrival(person.email))
    }, 60_000)

    it("is found in no dev outbox where there is a mail server", async () => {
      const { body, status } = await api.get("/dev/outbox")
      assert.deepStrictEqual([status, body], [200, []])
    })
  },
  { only: [embedded, server].map(withMailServer) }
)

onEach(
  "mail without a mail server",
  ({ api }) => {
    it("is there for who looks right after registering", async () => {
      for (const _ of [1, 2, 3]) {
        const { email } = await register(api)
        const { body } = await api.get(`/dev/outbox?to=${email}`)
        assert.lengthOf(Array.isArray(body) ? body : [], 1)
      }
    })

    it("is found in the dev outbox as soon as somebody registered", async () => {
      const person = await register(api, `Ada+${api.username()}@Example.com`)
      const started = performance.now()
      const token = await linkIn(api, person.email, "verification")
      assert.isBelow(performance.now() - started, 2000)
      assert.strictEqual((await api.get(`/api/v1/auth/verify/${token}`)).status, 200)
      // A plus that nobody has escaped.
      const { body } = await api.get(`/dev/outbox?to=${person.email}`)
      assert.deepStrictEqual(body, (await api.get(`/dev/outbox?to=${encodeURIComponent(person.email)}`)).body)
      assert.lengthOf(await mailsTo(api, person.email), 1)
    })

    it("is there for this machine alone", async () => {
      const ask = (path: string, ...headers: ReadonlyArray<string>) =>
        sendRaw(api.url, request(`GET ${path} HTTP/1.1`, [...headers, "Connection: close"]))
      const { host } = new URL(api.url)
      assert.strictEqual((await ask("/dev/outbox", `Host: ${host}`)).status, 200)
      for (const headers of [
        ["Host: rebound.example"],
        [`Host: ${host}`, "Origin: https://rebound.example"],
        [`Host: ${host}`, "X-Forwarded-For: 203.0.113.9"]
      ]) {
        const [there, nowhere] = [await ask("/dev/outbox", ...headers), await ask("/dev/nothing", ...headers)]
        assert.deepStrictEqual([there.status, there.body], [404, nowhere.body], headers.join())
      }
    })
  },
  { only: [embedded] }
)

describe("mail in production", () => {
  const rookery = new LiveRookery(embedded, { APP_ENV: "production", JWT_SECRET: "p".repeat(32) })
  const { api } = rookery
  beforeAll(async () => {
    await rookery.prepare()
    mail = await rookery.scope.open(openMailServer)
    await rookery.start()
  }, 60_000)
  afterAll(rookery.scope.close, 60_000)

  it("waits until a mail server is configured, and whoever starts it is told so once", async () => {
    const person = await register(api)
    assert.lengthOf(rookery.output().match(/No mail goes out, since SMTP_URL is not set/g) ?? [], 1)
    assert.match(rookery.output(), /"mail":"waits; set SMTP_URL to send it"/)
    assert.deepInclude(await api.get("/dev/outbox"), { status: 404, text: '{"error":"Not found"}' })
    assert.strictEqual((await api.post("/dev/outbox", {})).status, 404)
    assert.strictEqual(await metric(rookery, 'rookery_outbox_pending{destination="mail"}'), 1)
    await stopRookery(rookery.server)
    await rookery.start(variablesOf(mail))
    await arrival(person.email)
    assert.strictEqual((await api.get("/dev/outbox")).status, 404)
    assert.lengthOf(rookery.output().match(/No mail goes out/g) ?? [], 1)
    assert.notInclude(rookery.output(), person.email)
    rookery.assertDiscreet()
  })
})
