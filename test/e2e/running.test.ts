import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { Redacted } from "effect"
import { ApiClient, type User } from "../support/ApiClient.ts"
import { type RookeryServer, startRookery, temporaryFolder } from "../support/RookeryServer.ts"
import { describeWith, freshDatabase, natsUrl, postgresUrl } from "../support/Services.ts"
import { problem } from "./DocumentedRoutes.ts"
import { eventually } from "./Eventually.ts"
import { natsVariables, onEach, TestScope } from "./Suites.ts"
import { type TcpProxy, tcpProxy } from "./TcpProxy.ts"

const scope = new TestScope()
afterAll(scope.close, 60_000)

/** Each counter or gauge, by its name and labels. */
const metricsOf = async (api: ApiClient): Promise<ReadonlyMap<string, number>> => {
  const { headers, status, text } = await api.get("/metrics")
  assert.strictEqual(status, 200)
  assert.strictEqual(headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8")
  const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
  return new Map(
    samples.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))])
  )
}

onEach(
  "running",
  (rookery) => {
    const { api } = rookery

    it("gives each request an id, or keeps the one it came with where that is well-formed", async () => {
      const { token } = await api.signUp()
      const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
      const seen = new Set<string>()
      const targets = [
        ["GET", "/contacts"],
        ["HEAD", "/contacts"],
        ["GET", "/contacts/1"],
        ["POST", "/contacts"],
        ["PATCH", "/contacts"],
        ["OPTIONS", "/contacts"],
        ["GET", "/nothing"],
        ["GET", "/"],
        ["GET", "/docs"],
        ["GET", "/openapi.json"],
        ["GET", "/health"],
        ["GET", "/metrics"]
      ] as const
      for (const [method, path] of targets) {
        const id = (await api.request(method, path, { token })).headers.get("x-request-id") ?? ""
        assert.match(id, uuid, `${method} ${path}`)
        seen.add(id)
        const given = "Trace_1.2-3"
        const answer = await api.request(method, path, { token, headers: { "x-request-id": given } })
        assert.strictEqual(answer.headers.get("x-request-id"), given, `${method} ${path}`)
      }
      assert.strictEqual(seen.size, targets.length)
      for (const malformed of ["", "a b", "x".repeat(65), "<script>", "a,b", "é", '"']) {
        const headers = { "x-request-id": malformed }
        const answer = await api.get("/contacts", { headers })
        assert.match(answer.headers.get("x-request-id") ?? "", uuid, malformed)
      }
      assert.match((await api.get("/contacts")).headers.get("x-content-type-options") ?? "", /^nosniff$/)
    })

    it("says that it lives, and that it can work", async () => {
      const health = await api.get("/health")
      assert.deepStrictEqual([health.status, health.body], [200, { status: "ok" }])
      const ready = await api.get("/ready")
      const nats = rookery.variables.NATS_URL === undefined ? {} : { nats: "up" }
      assert.deepStrictEqual(
        [ready.status, ready.body],
        [200, { status: "ready", checks: { database: "up", ...nats } }]
      )
      for (const answer of [health, ready]) assert.strictEqual(answer.headers.get("cache-control"), "no-store")
    })

    it("measures requests by the template of their route, and what the outbox holds", async () => {
      const user = await api.signUp()
      const before = await metricsOf(api)
      const contact = await api.contact(user)
      await api.note(user, contact)
      for (let count = 0; count < 3; count++) await api.get(`/contacts/${contact}`, { token: user.token })
      await api.get("/contacts/999999", { token: user.token })
      await api.get(`/nothing/${contact}`)
      await api.request("PATCH", "/contacts")
      const after = await metricsOf(api)
      const rise = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0)
      const requests = (method: string, route: string, status: number) =>
        rise(`rookery_http_requests_total{method="${method}",route="${route}",status="${status}"}`)
      assert.strictEqual(requests("POST", "/contacts", 201), 1)
      assert.strictEqual(requests("POST", "/contacts/:contact_id/notes", 201), 1)
      assert.strictEqual(requests("GET", "/contacts/:contact_id", 200), 3)
      assert.strictEqual(requests("GET", "/contacts/:contact_id", 404), 1)
      assert.strictEqual(requests("GET", "unmatched", 404), 1)
      assert.strictEqual(requests("PATCH", "unmatched", 405), 1)
      const histogram = 'rookery_http_request_duration_seconds_count{method="GET",route="/contacts/:contact_id"}'
      assert.strictEqual(rise(histogram), 4)
      const names = [...after.keys()]
      for (const name of [
        'rookery_outbox_pending{destination="broker"}',
        'rookery_outbox_pending{destination="upstream"}',
        'rookery_outbox_oldest_seconds{destination="broker"}',
        'rookery_outbox_dead{destination="upstream"}',
        'rookery_outbox_deliveries_total{destination="broker",outcome="delivered"}',
        "rookery_outbox_retries_total",
        "rookery_outbox_dead_letters_total",
        "rookery_database_connections_max",
        "process_resident_memory_bytes",
        "process_cpu_seconds_total"
      ]) {
        assert.include(names, name)
      }
      assert.isTrue(names.some((name) => /^rookery_http_request_duration_seconds_bucket\{.*le="0\.005"/.test(name)))
      assert.isFalse(names.some((name) => name.includes(`/contacts/${contact}`) || name.includes("/nothing")))
      await eventually(async () => {
        const now = await metricsOf(api)
        assert.strictEqual(now.get('rookery_outbox_pending{destination="broker"}'), 0)
        const delivered = 'rookery_outbox_deliveries_total{destination="broker",outcome="delivered"}'
        assert.isAtLeast((now.get(delivered) ?? 0) - (before.get(delivered) ?? 0), 1)
      })
    })

    describe("CORS", () => {
      const origin = "https://app.example.com"

      it("lets browsers of the origins that are listed call, and shows them what they need", async () => {
        const preflight = await api.request("OPTIONS", "/contacts", {
          headers: {
            origin,
            "access-control-request-method": "PUT",
            "access-control-request-headers": "authorization,content-type"
          }
        })
        assert.strictEqual(preflight.status, 204)
        assert.strictEqual(preflight.headers.get("access-control-allow-origin"), origin)
        assert.include(preflight.headers.get("access-control-allow-methods"), "PUT")
        assert.include(preflight.headers.get("access-control-allow-headers")?.toLowerCase(), "authorization")
        assert.strictEqual(preflight.headers.get("access-control-max-age"), "600")
        assert.isTrue(preflight.headers.has("x-request-id"))
        for (const path of ["/contacts", "/nothing", "/health"]) {
          const answer = await api.get(path, { headers: { origin } })
          assert.strictEqual(answer.headers.get("access-control-allow-origin"), origin, path)
          const exposed = answer.headers.get("access-control-expose-headers")?.toLowerCase().split(/, ?/)
          assert.includeMembers(exposed ?? [], ["link", "x-total-count", "etag", "retry-after", "x-request-id"])
          assert.include(answer.headers.get("vary")?.toLowerCase(), "origin")
        }
      })

      it("leaves an OPTIONS alone that asks for no other request", async () => {
        const answer = await api.request("OPTIONS", "/contacts", { headers: { origin } })
        assert.strictEqual(answer.headers.get("allow"), "GET, POST, HEAD, OPTIONS")
      })

      it("lets no others", async () => {
        for (const other of [
          "https://evil.example.com",
          "http://app.example.com",
          "https://app.example.com.evil.com",
          "null"
        ]) {
          const headers = { origin: other, "access-control-request-method": "PUT" }
          for (const method of ["GET", "OPTIONS"]) {
            const answer = await api.request(method, "/contacts", { headers })
            assert.notInclude([other, "*"], answer.headers.get("access-control-allow-origin"), `${method} ${other}`)
          }
        }
      })
    })

    it("tells of a defect by its request id, and shows it to developers", async () => {
      const { token } = await api.signUp()
      await rookery.query("ALTER TABLE contacts RENAME TO contacts_elsewhere")
      const answer = await api.get("/contacts", { token })
      await rookery.query("ALTER TABLE contacts_elsewhere RENAME TO contacts")
      assert.strictEqual(answer.status, 500)
      const { detail, error, ...others } = answer.body as { readonly error: string; readonly detail: string }
      assert.strictEqual(error, "An unexpected error occurred")
      assert.match(detail, /relation "contacts" does not exist/)
      assert.deepStrictEqual(others, {})
      const id = answer.headers.get("x-request-id") ?? ""
      await eventually(() => {
        const [line = ""] = rookery
          .output()
          .split("\n")
          .filter((line) => line.includes(id))
        assert.match(line, /ERROR.*Request failed/)
      })
      assert.strictEqual((await api.get("/contacts", { token })).status, 200, "it goes on")
    })
  },
  { env: { CORS_ORIGINS: "https://app.example.com, https://other.example.com", LOG_LEVEL: "All" }, errors: true }
)

onEach(
  "running in production",
  (rookery) => {
    const { api } = rookery

    it("shows nothing of a defect, and logs it as JSON with its request id", async () => {
      const { token } = await api.signUp()
      await rookery.query("ALTER TABLE contacts RENAME TO contacts_elsewhere")
      const headers = { "x-request-id": "from-the-proxy" }
      const answer = await api.get("/contacts", { token, headers })
      const head = await api.request("HEAD", "/contacts", { token })
      const v1 = await api.get("/api/v1/contacts", { token })
      await rookery.query("ALTER TABLE contacts_elsewhere RENAME TO contacts")
      assert.strictEqual(answer.status, 500)
      assert.deepStrictEqual(answer.body, { error: "An unexpected error occurred" })
      assert.strictEqual(head.status, 500)
      assert.deepStrictEqual(v1.body, problem(500, "An unexpected error occurred"))
      assert.strictEqual(v1.headers.get("content-type"), "application/problem+json")
      await eventually(() => {
        const lines = rookery.output().trim().split("\n")
        const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
        const failed = records.find((record) => JSON.stringify(record).includes("from-the-proxy"))
        assert.include(JSON.stringify(failed), "Request failed")
        assert.include(JSON.stringify(failed), "contacts")
        for (const record of records) assert.includeMembers(Object.keys(record), ["timestamp", "level", "message"])
      })
    })

    it("lets no origin call where none is listed", async () => {
      const answer = await api.get("/contacts", { headers: { origin: "https://app.example.com" } })
      assert.isFalse(answer.headers.has("access-control-allow-origin"))
    })
  },
  { env: { APP_ENV: "production", JWT_SECRET: `production-${"x".repeat(32)}` }, errors: true }
)

describeWith(postgresUrl, natsUrl)("running while something is away", () => {
  let database: TcpProxy
  let nats: TcpProxy
  let rookery: RookeryServer
  let user: User
  const api = new ApiClient(() => rookery.url)
  const proxied = async (url: string, port: number) => {
    const { hostname, port: own } = new URL(url)
    const proxy = await scope.open(tcpProxy({ host: hostname, port: Number(own || port) }))
    const through = new URL(url)
    through.hostname = "127.0.0.1"
    through.port = String(proxy.port)
    return [proxy, through.href] as const
  }
  const readiness = async () => {
    const { body, status } = await api.get("/ready")
    return { status, checks: (body as { readonly checks: object }).checks }
  }

  beforeAll(async () => {
    const [databaseProxy, databaseUrl] = await proxied(Redacted.value(await scope.open(freshDatabase())), 5432)
    const variables = await scope.open(natsVariables)
    const [natsProxy, url] = await proxied(variables.NATS_URL ?? "", 4222)
    database = databaseProxy
    nats = natsProxy
    const env = { ...variables, DATABASE_URL: databaseUrl, NATS_URL: url, RATE_LIMIT_PER_MINUTE: "0" }
    rookery = await scope.open(startRookery({ dataDir: await scope.open(temporaryFolder), env }))
    user = await api.signUp()
  }, 60_000)

  it("is not ready without NATS, but goes on", async () => {
    const contact = await api.contact(user)
    await eventually(async () =>
      assert.deepStrictEqual(await readiness(), { status: 200, checks: { database: "up", nats: "up" } })
    )
    nats.cut()
    await eventually(async () =>
      assert.deepStrictEqual(await readiness(), { status: 503, checks: { database: "up", nats: "down" } })
    )
    const started = performance.now()
    for (let count = 0; count < 20; count++) await api.note(user, contact)
    assert.isBelow(performance.now() - started, 2000)
    nats.mend()
    await eventually(async () => {
      assert.deepStrictEqual(await readiness(), { status: 200, checks: { database: "up", nats: "up" } })
      assert.strictEqual((await metricsOf(api)).get('rookery_outbox_pending{destination="broker"}'), 0)
    }, 60_000)
  }, 60_000)

  it("is not ready without its database, says so in the dialect, and comes back by itself", async () => {
    database.cut()
    const answer = await api.get("/contacts", { token: user.token })
    assert.strictEqual(answer.status, 500)
    assert.strictEqual((answer.body as { readonly error: string }).error, "An unexpected error occurred")
    await eventually(async () =>
      assert.deepStrictEqual(await readiness(), { status: 503, checks: { database: "down", nats: "up" } })
    )
    assert.strictEqual((await api.get("/health")).status, 200)
    assert.strictEqual((await api.get("/metrics")).status, 200)
    database.mend()
    await eventually(async () => {
      assert.strictEqual((await readiness()).status, 200)
      assert.strictEqual((await api.get("/contacts", { token: user.token })).status, 200)
    }, 60_000)
    await api.note(user, await api.contact(user))
    assert.isTrue(rookery.process.exitCode === null)
    for (const secret of api.secrets) assert.notInclude(rookery.output(), secret)
  }, 60_000)
})
