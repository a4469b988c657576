import { afterAll, assert, beforeAll, it } from "vitest"
import { otlpCollector } from "../adapters/telemetry/OtlpCollector.ts"
import { ApiClient } from "../support/ApiClient.ts"
import { type RookeryServer, startRookery, stopRookery, temporaryFolder } from "../support/RookeryServer.ts"
import { TestScope } from "./Suites.ts"
import { linkIn, register, signUp } from "./V1Accounts.ts"
import { addContact } from "./V1Contacts.ts"

const scope = new TestScope()
const open = () => scope.open(otlpCollector)
let collector: Awaited<ReturnType<typeof open>>
let rookery: RookeryServer
beforeAll(async () => {
  collector = await open()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_LEVEL: "All", RATE_LIMIT_PER_MINUTE: "0" }
  rookery = await scope.open(startRookery({ dataDir: await scope.open(temporaryFolder), env }))
}, 60_000)
afterAll(scope.close, 60_000)

it(
  "shows no token of a link, of a session or of a form to logs, traces and metrics",
  { timeout: 120_000 },
  async () => {
    const api = new ApiClient(rookery.url)
    const person = await signUp(api)
    const other = await register(api)
    await api.post("/api/v1/auth/password/forgot", { email: other.email })
    const token = await linkIn(api, other.email, "reset")
    const html = { headers: { accept: "text/html" } }
    assert.strictEqual((await api.get(`/api/v1/auth/password/reset?token=${token}`, html)).status, 200)
    await api.request("POST", "/api/v1/auth/password/reset", { ...html, form: { token, password: "short" } })
    await api.post("/api/v1/auth/password/reset", { token, password: api.password() })
    await api.get(`/api/v1/auth/password/reset?token=${token}`, html)
    await api.get(`/api/v1/auth/verify/${token}`, html)
    await api.post("/api/v1/auth/refresh", { refresh_token: person.refreshToken })
    await api.post("/api/v1/auth/logout", { refresh_token: person.refreshToken })
    const reader = await api.signUp()
    const contact = await addContact(api, reader)
    assert.strictEqual((await api.get(`/api/v1/contacts/${contact}`, { token: reader.token })).status, 200)
    const metrics = (await api.get("/metrics")).text
    await stopRookery(rookery)

    const received = collector.received.map(({ body }) => body.toString("latin1")).join()
    for (const name of [
      "GET /api/v1/auth/verify/:token",
      "GET /api/v1/auth/password/reset",
      "SignIn.withPassword",
      // By a fast path.
      "GET /api/v1/contacts/:contact_id",
      "ContactRepository.findJsonById"
    ]) {
      assert.include(received, name)
    }
    assert.include(metrics, 'route="/api/v1/auth/verify/:token"')
    assert.include(metrics, 'route="/api/v1/contacts/:contact_id"')
    assert.isAtLeast(api.secrets.size, 8)
    for (const secret of api.secrets) {
      for (const [where, text] of Object.entries({ received, metrics, output: rookery.output() })) {
        assert.notInclude(text, secret, where)
        assert.notInclude(text, encodeURIComponent(secret), where)
        assert.notInclude(text, secret.slice(-40), where)
      }
    }
  }
)
