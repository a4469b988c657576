import { Effect, Schema } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { accountSid, authToken, from, refusing, twilioServer } from "../adapters/twilio/TwilioServer.ts"
import { somePhone } from "../contracts/Fixtures.ts"
import { eventually } from "./Eventually.ts"
import { embedded, type Environment, LiveRookery, onEach, server } from "./Suites.ts"
import { tcpProxy } from "./TcpProxy.ts"

/** Twilio's API, and what stands between, to be cut. */
const openTwilio = Effect.gen(function* () {
  const service = yield* twilioServer()
  const way = yield* tcpProxy({ host: "127.0.0.1", port: service.port })
  return { ...service, way }
})
let twilio: Effect.Success<typeof openTwilio>

const withTwilio = (environment: Environment): Environment => ({
  ...environment,
  variables: Effect.gen(function* () {
    twilio = yield* openTwilio
    return {
      ...(yield* environment.variables),
      TWILIO_ACCOUNT_SID: accountSid,
      TWILIO_AUTH_TOKEN: authToken,
      TWILIO_FROM: from,
      TWILIO_BASE_URL: `http://127.0.0.1:${twilio.way.port}`
    }
  })
})

const textsTo = (phone: string) => twilio.messages.filter(({ to }) => to === `+${phone}`).map(({ text }) => text)

/** The code that came; a retry comes seconds after the failure before it. */
const arrival = async ({ api }: LiveRookery, phone: string): Promise<string> => {
  const text = await eventually(() => textsTo(phone).at(-1) ?? assert.fail("no SMS"), 20_000)
  const code = text.slice(0, 6)
  assert.match(code, /^\d{6}$/)
  // With what surrounds a value that is logged: six digits alone are found in any number.
  api.secrets.add(`"${code}"`).add(`${code} is your`)
  return code
}

const signUp = async ({ api }: LiveRookery, phone: string) => {
  const { body, status } = await api.post("/api/auth/signup", { phone_number: phone })
  assert.deepInclude({ status, body }, { status: 200 })
}

const complete = ({ api }: LiveRookery, phone: string, passcode: string) =>
  api.post("/api/auth/complete-signup", { phone_number: phone, passcode })

const opens = async (rookery: LiveRookery, phone: string, code: string) => {
  const { body, status } = await complete(rookery, phone, code)
  assert.strictEqual(status, 200)
  assert.deepInclude(body, { success: true })
}

const decodeListed = Schema.decodeUnknownSync(
  Schema.Array(
    Schema.Struct({
      channel: Schema.String,
      to: Schema.String,
      subject: Schema.NullOr(Schema.String),
      text: Schema.String
    })
  )
)

onEach(
  "SMS",
  (rookery) => {
    const { api } = rookery
    const phones: Array<string> = []
    const phone = () => {
      const one = somePhone()
      phones.push(one)
      return one
    }

    it("go to Twilio as its API wants them, and the code opens an account", async () => {
      const to = phone()
      await signUp(rookery, `+${to}`)
      const code = await arrival(rookery, to)
      assert.deepStrictEqual(twilio.messages.at(-1)?.from, from)
      assert.strictEqual(twilio.received.length, twilio.messages.length)
      await opens(rookery, to, code)
    })

    it("wait for a service that is away, and only the latest code goes out", async () => {
      const to = phone()
      twilio.way.cut()
      await signUp(rookery, to)
      await signUp(rookery, to)
      await eventually(() => assert.include(rookery.output(), "The SMS service is away, trying until it is back"))
      twilio.way.mend()
      await opens(rookery, to, await arrival(rookery, to))
      await eventually(() => assert.include(rookery.output(), "The SMS service is back"))
      assert.lengthOf(textsTo(to), 1)
    }, 60_000)

    it("that are owed are sent by whoever starts after a process was killed", async () => {
      const to = phone()
      twilio.way.cut()
      await signUp(rookery, to)
      rookery.server.process.kill("SIGKILL")
      assert.strictEqual(await rookery.server.ended, "SIGKILL")
      twilio.way.mend()
      assert.deepStrictEqual(textsTo(to), [])
      await rookery.start()
      await opens(rookery, to, await arrival(rookery, to))
    }, 60_000)

    it("that are refused for good are dead letters", async () => {
      const to = phone()
      twilio.answer(refusing(400, 21211))
      await signUp(rookery, to)
      await eventually(() =>
        assert.match(rookery.output(), /Gave up event \S+ of sms\/\S+: answered 400 \(error 21211\)/)
      )
      twilio.answer()
      assert.strictEqual((await complete(rookery, to, "000000")).status, 400)
    })

    it("are found in no dev outbox, and no number in logs and metrics", async () => {
      assert.deepInclude(await api.get("/dev/outbox"), { status: 200, body: [] })
      const { text } = await api.get("/metrics")
      assert.include(text, 'rookery_outbox_deliveries_total{destination="sms",outcome="delivered"}')
      assert.lengthOf(phones, 4)
      for (const secret of [...phones, accountSid, authToken]) assert.notInclude(rookery.output() + text, secret)
    })
  },
  { only: [embedded, server].map(withTwilio) }
)

onEach(
  "SMS without Twilio",
  (rookery) => {
    const { api } = rookery
    const unsent = async (to: string) => decodeListed((await api.get(`/dev/outbox?to=${to}`)).body)
    const codeIn = (sms: { readonly text: string } | undefined) => sms?.text.slice(0, 6) ?? ""

    it("are there for who looks right after asking, whose code opens an account", async () => {
      const phone = somePhone()
      await signUp(rookery, phone)
      const [sms] = await unsent(`%2B${phone}`)
      assert.deepInclude(sms, { channel: "sms", to: phone, subject: null })
      await opens(rookery, phone, codeIn(sms))
    })

    it("are not sent to test numbers, whose code is known", async () => {
      await signUp(rookery, "+1234567890")
      assert.strictEqual((await complete(rookery, "1234567890", "654322")).status, 400)
      await opens(rookery, "1234567890", "654321")
      assert.deepInclude(await api.get("/dev/outbox?to=1234567890"), { body: [] })
    })

    it("say when they come too late", async () => {
      const phone = somePhone()
      await signUp(rookery, phone)
      const [sms] = await unsent(phone)
      await rookery.query("UPDATE passcodes SET expires_at = now() - interval '1 second'")
      const { body, status } = await complete(rookery, phone, codeIn(sms))
      assert.strictEqual(status, 408)
      assert.deepInclude(body, { success: false })
    })
  },
  { only: [embedded], env: { SMS_TEST_OTP: "1234567890=654321" } }
)

describe("SMS in production without Twilio", () => {
  const rookery = new LiveRookery(embedded, { APP_ENV: "production", JWT_SECRET: "p".repeat(32) })
  beforeAll(async () => {
    await rookery.prepare()
    await rookery.start()
  }, 60_000)
  afterAll(rookery.scope.close, 60_000)

  it("do not go out, and whoever starts it is told so once", async () => {
    const { body, status } = await rookery.api.post("/api/auth/signup", { phone_number: somePhone() })
    assert.strictEqual(status, 503)
    assert.deepInclude(body, { success: false })
    assert.lengthOf(rookery.output().match(/No SMS goes out, since TWILIO_ACCOUNT_SID is not set/g) ?? [], 1)
    assert.match(rookery.output(), /"sms":"off; set TWILIO_ACCOUNT_SID to sign in by phone"/)
    assert.notMatch(rookery.output(), /ERROR|FATAL|Request failed/)
  })
})
