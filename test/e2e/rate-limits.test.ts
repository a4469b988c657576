import { randomBytes } from "node:crypto"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { redisServer } from "../adapters/redis/RedisServer.ts"
import { ApiClient, type Answer, type Asked } from "../support/ApiClient.ts"
import { startRookery, temporaryFolder } from "../support/RookeryServer.ts"
import { describeWith, natsUrl, postgresUrl, redisUrl } from "../support/Services.ts"
import { embedded, type Environment, onEach, server, TestScope } from "./Suites.ts"

/** An address that nobody has used: each scenario comes from one of its own, as the proxy in front says. */
const ipv4 = () => `198.18.${randomBytes(2).join(".")}`
const ipv6Network = () =>
  `2001:db8:${randomBytes(4)
    .toString("hex")
    .replace(/(.{4})/, "$1:")}`

const from = (address: string, asked: Asked = {}): Asked => ({
  ...asked,
  headers: { ...asked.headers, "x-forwarded-for": address }
})

const remaining = (answer: Answer, limit = "requests") => {
  const found = new RegExp(`"${limit}";r=(\\d+);t=(\\d+)`).exec(answer.headers.get("ratelimit") ?? "")
  return found === null ? undefined : Number(found[1])
}

const assertLimited = (answer: Answer, limit: string, quota: number, window = 60) => {
  assert.strictEqual(answer.status, 429, answer.text)
  const after = answer.headers.get("retry-after") ?? ""
  assert.match(after, /^\d+$/)
  const seconds = Number(after)
  assert.isTrue(seconds >= 1 && seconds <= window, after)
  assert.include(answer.headers.get("ratelimit"), `"${limit}";r=0;t=${seconds}`)
  assert.include(answer.headers.get("ratelimit-policy"), `"${limit}";q=${quota};w=${window}`)
  return `Too many requests. Try again in ${after} ${after === "1" ? "second" : "seconds"}.`
}

const tooMany = (detail: string) => ({ type: "about:blank", title: "Too Many Requests", status: 429, detail })

/** The limits, counted for one server, or for all of several together. */
const scenarios = (servers: () => ReadonlyArray<ApiClient>) => {
  let turn = 0
  /** Each request goes to another server. */
  const next = (): ApiClient => {
    const all = servers()
    const api = all[turn++ % all.length]
    if (api === undefined) throw new Error("there is no server")
    return api
  }
  const ask = (method: string, path: string, address: string, asked: Asked = {}) =>
    next().request(method, path, from(address, asked))

  it("lets 100 requests of an address pass in a minute, whatever they ask for", async () => {
    const address = ipv4()
    const kinds = [
      ["GET", "/contacts"],
      ["HEAD", "/contacts"],
      ["GET", "/nothing"],
      ["GET", "/openapi.json"],
      ["DELETE", "/contacts"],
      ["GET", "/api/v1/nothing"],
      ["POST", "/contacts/1/notes"],
      ["GET", "/"]
    ] as const
    for (let count = 1; count <= 100; count++) {
      const [method = "GET", path = "/"] = kinds[count % kinds.length] ?? []
      const answer = await ask(method, path, address)
      assert.notStrictEqual(answer.status, 429, `${count}: ${method} ${path}`)
      assert.strictEqual(remaining(answer), 100 - count, `${count}: ${method} ${path}`)
      assert.strictEqual(answer.headers.get("ratelimit-policy"), '"requests";q=100;w=60')
    }
    const classic = await ask("GET", "/contacts", address)
    assert.deepStrictEqual(classic.body, { error: assertLimited(classic, "requests", 100) })
    const v1 = await ask("GET", "/api/v1/contacts", address)
    const detail = assertLimited(v1, "requests", 100)
    assert.deepStrictEqual(v1.body, tooMany(detail))
    assert.strictEqual(v1.headers.get("content-type"), "application/problem+json")
    const talk = await ask("GET", "/api/contacts", address)
    assert.deepStrictEqual(talk.body, { success: false, message: assertLimited(talk, "requests", 100) })
    // Waiting is not made longer by asking.
    const first = Number(classic.headers.get("retry-after"))
    const later = await Promise.all(Array.from({ length: 20 }, () => ask("GET", "/contacts", address)))
    for (const answer of later) assert.isAtMost(Number(answer.headers.get("retry-after")), first)
  })

  it("counts neither probes nor scrapers, however many they are", async () => {
    const address = ipv4()
    for (const path of ["/health", "/ready", "/metrics", "/health/", "/ready?x=1"]) {
      for (let count = 0; count < 30; count++) {
        const answer = await ask("GET", path, address)
        assert.strictEqual(answer.status, 200, path)
        assert.isFalse(answer.headers.has("ratelimit"))
      }
    }
    assert.strictEqual(remaining(await ask("GET", "/contacts", address)), 99)
    for (let count = 0; count < 100; count++) await ask("GET", "/contacts", address)
    assert.strictEqual((await ask("GET", "/contacts", address)).status, 429)
    assert.strictEqual((await ask("GET", "/health", address)).status, 200)
  })

  it("lets an address register 5 times a minute, by any route", async () => {
    const address = ipv4()
    for (let count = 1; count <= 5; count++) {
      const api = next()
      const byName = count % 2 === 0
      const answer = byName
        ? await ask("POST", "/auth/register", address, { json: { username: api.username(), password: api.password() } })
        : await ask("POST", "/register", address, {
            json: {
              first_name: "Ada",
              last_name: "Lovelace",
              email: `${api.username()}@example.com`,
              password: api.password()
            }
          })
      assert.strictEqual(answer.status, 201, answer.text)
      assert.strictEqual(remaining(answer, "registration"), 5 - count)
      assert.strictEqual(remaining(answer), 100 - count)
    }
    for (const path of ["/auth/register", "/register"]) {
      const answer = await ask("POST", path, address, { json: { username: "ada", password: "long enough" } })
      assert.deepStrictEqual(answer.body, { error: assertLimited(answer, "registration", 5) })
    }
    const v1 = await ask("POST", "/api/v1/auth/register", address, {
      json: { email: "ada@example.com", password: "long enough" }
    })
    assert.deepStrictEqual(v1.body, tooMany(assertLimited(v1, "registration", 5)))
    const another = ipv4()
    const registered = await ask("POST", "/api/v1/auth/register", another, {
      json: { email: `${next().username()}@example.com`, password: next().password() }
    })
    assert.deepStrictEqual([registered.status, remaining(registered, "registration")], [201, 4])
    assert.strictEqual((await ask("GET", "/contacts", address)).status, 401, "the rest goes on")
    assert.notStrictEqual((await ask("POST", "/auth/register", ipv4(), { json: {} })).status, 429)
  })

  it("lets an address try 10 sign-ins a minute, by any route, right or wrong", async () => {
    const address = ipv4()
    const user = await next().signUp()
    const wrong = { username: user.username, email: user.username, password: "another password" }
    const paths = ["/auth/login", "/login"]
    const credentials = ({ email, password, username }: typeof wrong, path: string) =>
      path === "/login" ? { email, password } : { username, password }
    for (let count = 1; count <= 10; count++) {
      const path = paths[count % 2] ?? ""
      const right = count % 3 === 0
      const json = credentials(right ? { ...wrong, password: user.password } : wrong, path)
      const answer = await ask("POST", path, address, { json })
      assert.strictEqual(answer.status, right ? 200 : 401)
      assert.strictEqual(remaining(answer, "signIn"), 10 - count)
    }
    for (const path of paths) {
      const answer = await ask("POST", path, address, {
        json: credentials({ ...wrong, password: user.password }, path)
      })
      assert.deepStrictEqual(answer.body, { error: assertLimited(answer, "signIn", 10) })
    }
    for (const path of ["/api/v1/auth/login", "/api/v1/auth/token"]) {
      const form = { username: user.username, password: user.password }
      const answer = await ask("POST", path, address, { form })
      assert.deepStrictEqual(answer.body, tooMany(assertLimited(answer, "signIn", 10)))
    }
    assert.strictEqual((await ask("GET", "/contacts", address, { token: user.token })).status, 200)
  })

  it("counts every try of a password as a sign-in, whatever it is for", async () => {
    const address = ipv4()
    const { token, username } = await next().signUp()
    const json = { current_password: "not this one", new_password: "long enough" }
    const tries = [
      () => ask("POST", "/api/v1/auth/password/change", address, { token, json }),
      () => ask("DELETE", "/api/v1/users/me", address, { token, json: { password: "not this one" } }),
      () => ask("POST", "/api/v1/auth/token", address, { form: { username, password: "not this one" } })
    ]
    for (let count = 1; count <= 10; count++) {
      const answer = await tries[count % tries.length]?.()
      assert.include([401, 422], answer?.status)
      assert.strictEqual(answer === undefined ? undefined : remaining(answer, "signIn"), 10 - count)
    }
    for (const attempt of tries) {
      const answer = await attempt()
      assert.deepStrictEqual(answer.body, tooMany(assertLimited(answer, "signIn", 10)))
    }
  })

  it("sends 3 mails an hour to an address, known or not, and never refuses an account for it", async () => {
    const known = `${next().username()}@example.com`
    const unknown = `${next().username()}@example.com`
    const asks = ["/api/v1/auth/verify/resend", "/api/v1/auth/password/forgot"]
    const hour = 3600
    await ask("POST", "/api/v1/auth/register", ipv4(), { json: { email: known, password: next().password() } })
    const left = { [known]: 2, [unknown]: 3 }
    for (const [email, count] of Object.entries(left)) {
      for (let sent = 0; sent < count; sent++) {
        const answer = await ask("POST", asks[sent % 2] ?? "", ipv4(), { json: { email } })
        assert.strictEqual(answer.status, 202, answer.text)
      }
      for (const path of asks) {
        const answer = await ask("POST", path, ipv4(), { json: { email: email.toUpperCase() } })
        assert.deepStrictEqual(answer.body, tooMany(assertLimited(answer, "mails", 3, hour)))
      }
    }
    const { token } = await next().signUp()
    const change = await ask("PATCH", "/api/v1/users/me", ipv4(), { token, json: { email: unknown } })
    assert.deepStrictEqual(change.body, tooMany(assertLimited(change, "mails", 3, hour)))
    const late = await ask("POST", "/api/v1/auth/register", ipv4(), {
      json: { email: unknown, password: next().password() }
    })
    assert.strictEqual(late.status, 201, late.text)
  })

  it("counts each address by itself, and takes the proxy's word over the client's", async () => {
    const [one, other] = [ipv4(), ipv4()]
    assert.strictEqual(remaining(await ask("GET", "/contacts", one)), 99)
    assert.strictEqual(remaining(await ask("GET", "/contacts", one)), 98)
    assert.strictEqual(remaining(await ask("GET", "/contacts", other)), 99)
    // What stands left of the proxy's own entry, the client wrote.
    assert.strictEqual(remaining(await ask("GET", "/contacts", `${ipv4()}, ${one}`)), 97)
    assert.strictEqual(remaining(await ask("GET", "/contacts", `${one},${other}`)), 98)
    assert.strictEqual(remaining(await ask("GET", "/contacts", `::ffff:${one}`)), 96)
  })

  it("counts IPv6 by its first 64 bits", async () => {
    const network = ipv6Network()
    assert.strictEqual(remaining(await ask("GET", "/contacts", `${network}::1`)), 99)
    assert.strictEqual(remaining(await ask("GET", "/contacts", `${network}:abcd:ef01:2345:6789`)), 98)
    assert.strictEqual(remaining(await ask("GET", "/contacts", `${network.toUpperCase()}::2`)), 97)
    assert.strictEqual(remaining(await ask("GET", "/contacts", `${ipv6Network()}::1`)), 99)
  })
}

const limitsOn: Environment = { ...embedded, name: "one server, in memory" }

onEach("rate limits", (rookery) => scenarios(() => [rookery.api]), {
  env: { RATE_LIMIT_PER_MINUTE: "100", TRUST_PROXY: "1" },
  only: [limitsOn]
})

describeWith(
  postgresUrl,
  natsUrl,
  redisUrl
)("rate limits on two servers that share a Redis", () => {
  const scope = new TestScope()
  const servers: Array<ApiClient> = []
  let redis: Awaited<ReturnType<typeof open>>
  let output = () => ""
  const open = () => scope.open(redisServer())
  beforeAll(async () => {
    redis = await open()
    await scope.open(redis.start)
    const env = { ...(await scope.open(server.variables)), REDIS_URL: redis.url, TRUST_PROXY: "1" }
    const start = async () =>
      scope.open(startRookery({ dataDir: await scope.open(temporaryFolder), env: { ...env, APP_ENV: "development" } }))
    const started = await Promise.all([start(), start()])
    servers.push(...started.map(({ url }) => new ApiClient(url)))
    output = () => started.map((one) => one.output()).join("")
  }, 60_000)
  afterAll(scope.close, 60_000)

  scenarios(() => servers)

  it("counts in each server by itself while Redis is away, and says so once", async () => {
    const address = ipv4()
    await scope.open(redis.kill)
    for (let round = 1; round <= 3; round++) {
      for (const api of servers) {
        const answer = await api.get("/contacts", from(address))
        assert.strictEqual(answer.status, 401)
        assert.strictEqual(remaining(answer), 100 - round)
      }
    }
    assert.strictEqual(output().match(/Redis does not answer/g)?.length, servers.length)
    for (let count = 0; count < 98; count++) await servers[0]?.get("/contacts", from(address))
    assert.strictEqual((await servers[0]?.get("/contacts", from(address)))?.status, 429)
    assert.strictEqual((await servers[1]?.get("/contacts", from(address)))?.status, 401)
  })

  it("has logged no password and no defect", () => {
    for (const api of servers) for (const secret of api.secrets) assert.notInclude(output(), secret)
    assert.notMatch(output(), /ERROR|FATAL|Request failed/)
  })
})

onEach(
  "a limit of 3",
  ({ api, output }) => {
    it("counts by the peer where no proxy is trusted, whatever the header says, and tells that once", async () => {
      const answers = [
        await api.get("/contacts", from(ipv4())),
        await api.get("/contacts", from(ipv4())),
        await api.get("/contacts"),
        await api.get("/contacts", from(ipv4()))
      ]
      assert.deepStrictEqual(
        answers.map(({ status }) => status),
        [401, 401, 401, 429]
      )
      assert.strictEqual(output().match(/X-Forwarded-For arrived, but TRUST_PROXY is 0/g)?.length, 1)
    })
  },
  { env: { RATE_LIMIT_PER_MINUTE: "3" }, only: [embedded] }
)

onEach("no limits", ({ api }) => {
  it("count nothing and show no headers", async () => {
    const statuses = new Set<number>()
    for (let count = 0; count < 250; count++) statuses.add((await api.get("/contacts")).status)
    assert.deepStrictEqual([...statuses], [401])
    for (let count = 0; count < 12; count++) {
      const answer = await api.post("/auth/login", { username: "nobody", password: "long enough" })
      assert.strictEqual(answer.status, 401)
      assert.isFalse(answer.headers.has("ratelimit") || answer.headers.has("ratelimit-policy"))
    }
    for (let count = 0; count < 6; count++) {
      const answer = await api.post("/auth/register", { username: api.username(), password: api.password() })
      assert.strictEqual(answer.status, 201)
    }
  })
})

describe("limits", () => {
  it("are on where nothing is configured", async () => {
    const scope = new TestScope()
    try {
      const dataDir = await scope.open(temporaryFolder)
      const { url } = await scope.open(startRookery({ dataDir }))
      assert.strictEqual(remaining(await new ApiClient(url).get("/contacts")), 99)
    } finally {
      await scope.close()
    }
  })
})
