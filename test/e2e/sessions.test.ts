import { decodeJwt, decodeProtectedHeader, type JWTHeaderParameters, type JWTPayload, SignJWT } from "jose"
import { randomUUID } from "node:crypto"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { describeWithNatsServer, natsServer } from "../adapters/nats/NatsServer.ts"
import { ApiClient, type User } from "../support/ApiClient.ts"
import { type RookeryServer, startRookery, stopRookery, temporaryFolder } from "../support/RookeryServer.ts"
import { describeWith, natsUrl, postgresUrl } from "../support/Services.ts"
import { eventually } from "./Eventually.ts"
import { onEach, server, TestScope } from "./Suites.ts"

const secretA = `first-${randomUUID()}`
const secretB = `second-${randomUUID()}`
const bytes = (secret: string) => new TextEncoder().encode(secret)
const sleep = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

/** Whether the access token opens something. */
const opens = async (api: ApiClient, token: string) => (await api.get("/contacts", { token })).status === 200
const refreshes = async (api: ApiClient, token: string) =>
  (await api.post("/auth/refresh", undefined, { token })).status === 200

onEach(
  "sessions",
  (rookery) => {
    const { api } = rookery

    it.each(["access", "refresh"])("end with all their tokens by a logout with the %s token", async (which) => {
      const user = await api.signUp()
      const another = await api.login(user.username, user.password)
      const fresh = (await api.post("/auth/refresh", undefined, { token: user.refreshToken })).body as {
        readonly access_token: string
      }
      assert.isTrue((await opens(api, user.token)) && (await opens(api, fresh.access_token)))
      const token = which === "access" ? user.token : user.refreshToken
      assert.strictEqual((await api.post("/auth/logout", undefined, { token })).status, 200)
      for (const ended of [user.token, fresh.access_token]) assert.isFalse(await opens(api, ended))
      assert.isFalse(await refreshes(api, user.refreshToken))
      assert.strictEqual((await api.post("/auth/logout", undefined, { token: user.refreshToken })).status, 401)
      assert.isTrue(await opens(api, another.access_token), "another sign-in is a session of its own")
    })

    it("keep the refresh token as it is, and give each time another access token", async () => {
      const user = await api.signUp()
      const tokens = new Set([user.token])
      for (let count = 0; count < 3; count++) {
        const { body } = await api.post("/auth/refresh", undefined, { token: user.refreshToken })
        tokens.add((body as { readonly access_token: string }).access_token)
      }
      assert.strictEqual(tokens.size, 4)
      for (const token of tokens) assert.isTrue(await opens(api, token))
    })

    it("have tokens that serve one purpose each", async () => {
      const user = await api.signUp()
      assert.isFalse(await opens(api, user.refreshToken))
      assert.isFalse(await refreshes(api, user.token))
    })

    it("are never kept by caches where tokens are answered", async () => {
      const { password, refreshToken, username } = await api.signUp()
      for (const answer of [
        await api.post("/auth/login", { username, password }),
        await api.post("/login", { email: username, password }),
        await api.post("/auth/refresh", undefined, { token: refreshToken })
      ]) {
        assert.strictEqual(answer.status, 200)
        assert.strictEqual(answer.headers.get("cache-control"), "no-store")
      }
    })

    it("tell an unknown user and a wrong password apart by nothing", async () => {
      const { username } = await api.signUp()
      for (const [path, name] of [
        ["/auth/login", "username"],
        ["/login", "email"]
      ] as const) {
        const wrong = await api.post(path, { [name]: username, password: "another password" })
        const unknown = await api.post(path, { [name]: api.username(), password: "another password" })
        assert.strictEqual(wrong.status, 401)
        assert.deepStrictEqual([unknown.status, unknown.text], [wrong.status, wrong.text])
        assert.deepStrictEqual([...unknown.headers.keys()], [...wrong.headers.keys()])
      }
    })

    describe("tokens", () => {
      let user: User
      let header: JWTHeaderParameters
      let payload: JWTPayload
      beforeAll(async () => {
        user = await api.signUp()
        header = decodeProtectedHeader(user.token) as JWTHeaderParameters
        payload = decodeJwt(user.token)
      })

      const signed = (claims: JWTPayload, head: Partial<JWTHeaderParameters> = {}, secret = secretA) =>
        new SignJWT(claims).setProtectedHeader({ ...header, ...head }).sign(bytes(secret))
      const unsigned = (head: object, claims: object = payload) =>
        [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".")

      it("say what they are for, and hold nothing else", () => {
        assert.strictEqual(header.alg, "HS256")
        assert.strictEqual(header.typ, "at+jwt")
        assert.sameMembers(Object.keys(payload), ["iss", "aud", "sub", "sid", "purpose", "iat", "jti", "exp"])
        assert.strictEqual(payload.sub, String(user.id))
        const refresh = decodeJwt(user.refreshToken)
        assert.strictEqual(refresh.purpose, "refresh")
        assert.strictEqual(refresh.sid, payload.sid)
      })

      it("are taken when they are signed as the server signs", async () => {
        assert.isTrue(await opens(api, await signed(payload)))
        assert.isTrue(await opens(api, await signed({ ...payload, jti: "another" })))
      })

      it("are refused with another algorithm, key, issuer, audience or purpose", async () => {
        const { exp: _, ...endless } = payload
        const { sid: __, ...sessionless } = payload
        const { kid: ___, ...keyless } = header
        const now = Math.floor(Date.now() / 1000)
        const [head = "", body = "", signature = ""] = user.token.split(".")
        const forged: Record<string, string> = {
          "none without a signature": `${unsigned({ ...header, alg: "none" })}.`,
          "none with the signature": `${unsigned({ ...header, alg: "none" })}.${signature}`,
          "NONE in capitals": `${unsigned({ ...header, alg: "NONE" })}.`,
          HS512: await signed(payload, { alg: "HS512" }),
          HS384: await signed(payload, { alg: "HS384" }),
          "another secret": await signed(payload, {}, secretB),
          "another key's name": await signed(payload, { kid: "another" }),
          "no key's name": await new SignJWT(payload).setProtectedHeader(keyless).sign(bytes(secretA)),
          "another issuer": await signed({ ...payload, iss: "somebody" }),
          "another audience": await signed({ ...payload, aud: "somebody" }),
          "the refresh purpose": await signed({ ...payload, purpose: "refresh" }),
          "no purpose of ours": await signed({ ...payload, purpose: "reset" }),
          "the refresh type": await signed(payload, { typ: "rt+jwt" }),
          "no type of ours": await signed(payload, { typ: "JWT" }),
          "no end": await signed(endless),
          "an end that has passed": await signed({ ...payload, exp: now - 1 }),
          "a start that is to come": await signed({ ...payload, nbf: now + 60 }),
          "no session": await signed(sessionless),
          "another session": await signed({ ...payload, sid: randomUUID() }),
          "a session that is none": await signed({ ...payload, sid: "1' or '1'='1" }),
          "an embedded key": await signed(payload, { jwk: { kty: "oct", kid: "another" } }, secretB),
          "a critical extension": `${unsigned({ ...header, crit: ["x"], x: 1 })}.${signature}`,
          "another body": `${head}.${Buffer.from(JSON.stringify({ ...payload, sub: "1" })).toString("base64url")}.${signature}`,
          "another last letter": `${head}.${body}.${signature.slice(0, -1)}${signature.endsWith("A") ? "B" : "A"}`,
          "no signature": `${head}.${body}.`,
          "two parts": `${head}.${body}`,
          "four parts": `${user.token}.${signature}`,
          "a padded part": `${head}=.${body}.${signature}`
        }
        for (const [what, token] of Object.entries(forged)) {
          assert.isFalse(await opens(api, token), what)
          assert.isFalse(await refreshes(api, token), what)
          assert.strictEqual((await api.post("/auth/logout", undefined, { token })).status, 401, what)
        }
        assert.isTrue(await opens(api, user.token), "the session has outlived all that")
      })
    })

    it("go on after a restart, and follow the list of secrets", async () => {
      const old = await api.signUp()
      const restart = async (secrets: string) => {
        await stopRookery(rookery.server)
        await rookery.start({ JWT_SECRET: secrets })
      }
      await restart(`${secretB}, ${secretA}`)
      assert.isTrue(await opens(api, old.token))
      assert.isTrue(await refreshes(api, old.refreshToken))
      const young = await api.login(old.username, old.password)
      await restart(secretB)
      assert.isFalse(await opens(api, old.token))
      assert.isFalse(await refreshes(api, old.refreshToken))
      assert.isTrue(await opens(api, young.access_token))
      assert.isTrue(await refreshes(api, young.refresh_token))
      await restart(secretA)
      assert.isTrue(await opens(api, old.token))
      assert.isFalse(await opens(api, young.access_token))
    })
  },
  { env: { JWT_SECRET: secretA } }
)

onEach(
  "short sessions",
  (rookery) => {
    const { api } = rookery

    it("end when their time is over, their access tokens before that", async () => {
      const user = await api.signUp()
      const { body } = await api.post("/login", { email: user.username, password: user.password })
      const started = performance.now()
      const until = (millis: number) => sleep(started + millis - performance.now())
      const { access_token: long } = body as { readonly access_token: string }
      const lifetime = (token: string) => {
        const { exp = 0, iat = 0 } = decodeJwt(token)
        return exp - iat
      }
      const refreshed = await api.post("/auth/refresh", undefined, { token: user.refreshToken })
      const { access_token: short } = refreshed.body as { readonly access_token: string }
      assert.isTrue(await opens(api, short))
      assert.closeTo(lifetime(short), 1, 0.5)
      assert.closeTo(lifetime(long), 3, 0.5)
      await until(1600)
      assert.isFalse(await opens(api, short))
      assert.isTrue(await opens(api, long), "a token that can't be refreshed lasts as long as its session")
      assert.isTrue(await refreshes(api, user.refreshToken))
      await until(3100)
      assert.isFalse(await opens(api, long))
      assert.isTrue(await refreshes(api, user.refreshToken), "each refresh begins the session's time anew")
      await sleep(3100)
      assert.isFalse(await refreshes(api, user.refreshToken))
    })
  },
  { env: { JWT_ACCESS_TTL: "1 second", JWT_SESSION_TTL: "3 seconds" } }
)

onEach("sessions under a secret that nobody configured", (rookery) => {
  it("go on after a restart: the secret is in the database", async () => {
    const { api } = rookery
    const user = await api.signUp()
    await stopRookery(rookery.server)
    await rookery.start()
    assert.isTrue(await opens(api, user.token))
    assert.isTrue(await refreshes(api, user.refreshToken))
    const ended = await api.signUp()
    await api.post("/auth/logout", undefined, { token: ended.token })
    await stopRookery(rookery.server)
    await rookery.start()
    assert.isFalse(await opens(api, ended.token))
    const rows = await rookery.query("SELECT name FROM secrets")
    assert.deepInclude(rows, { name: "jwt" })
  })
})

/** Two servers on one database, told of each other by NATS. */
class Pair {
  readonly scope = new TestScope()
  readonly #servers: Array<RookeryServer> = []
  readonly a = new ApiClient(() => this.#servers[0]?.url ?? "")
  readonly b = new ApiClient(() => this.#servers[1]?.url ?? "")

  readonly start = async (nats: Readonly<Record<string, string>>) => {
    const env = { ...(await this.scope.open(server.variables)), RATE_LIMIT_PER_MINUTE: "0", ...nats }
    const start = async () => {
      const dataDir = await this.scope.open(temporaryFolder)
      return this.scope.open(startRookery({ dataDir, env }))
    }
    this.#servers.push(...(await Promise.all([start(), start()])))
  }

  /** Signed in on A and known to both. */
  readonly knownUser = async () => {
    const user = await this.a.signUp()
    for (const api of [this.a, this.b, this.b]) assert.isTrue(await opens(api, user.token))
    return user
  }

  /** How long after a logout on the one the other has refused it, in milliseconds. */
  readonly logoutSeen = async (user: User, from: ApiClient, at: ApiClient) => {
    assert.strictEqual((await from.post("/auth/logout", undefined, { token: user.token })).status, 200)
    const started = performance.now()
    await eventually(async () => assert.isFalse(await opens(at, user.token)), 5000, 5)
    return performance.now() - started
  }
}

describeWith(postgresUrl, natsUrl)("sessions on two instances", () => {
  const pair = new Pair()
  beforeAll(() => pair.start({}), 60_000)
  afterAll(pair.scope.close, 60_000)

  it("are known to both, and end on both at once", async () => {
    for (const [from, at] of [
      [pair.a, pair.b],
      [pair.b, pair.a]
    ] as const) {
      const user = await pair.knownUser()
      assert.isBelow(await pair.logoutSeen(user, from, at), 1000)
      assert.isFalse(await refreshes(at, user.refreshToken))
    }
  })
})

describeWith(postgresUrl, natsUrl)("sessions on two instances while NATS is away", () => {
  describeWithNatsServer("that was killed", () => {
    const pair = new Pair()
    let nats: Awaited<ReturnType<typeof open>>
    const open = () => pair.scope.open(natsServer)
    beforeAll(async () => {
      nats = await open()
      await pair.scope.open(nats.start())
      await pair.start({ NATS_URL: nats.url, NATS_SUBJECT_PREFIX: "rookery" })
    }, 60_000)
    afterAll(pair.scope.close, 60_000)

    it("end on both all the same: the database is asked", async () => {
      const users = [await pair.knownUser(), await pair.knownUser(), await pair.knownUser()] as const
      await pair.scope.open(nats.stop)
      await eventually(async () => assert.strictEqual((await pair.b.get("/ready")).status, 503), 5000)
      // Both have seen all of them since NATS went away, and still remember none.
      for (const { token } of users) {
        for (const api of [pair.a, pair.b, pair.a, pair.b]) assert.isTrue(await opens(api, token))
      }
      assert.isBelow(await pair.logoutSeen(users[0], pair.a, pair.b), 1000)
      assert.isBelow(await pair.logoutSeen(users[1], pair.b, pair.a), 1000)
      assert.isTrue(await opens(pair.b, users[2].token))
      // What ended meanwhile stays ended when NATS is back, and what ends then is told again.
      await pair.scope.open(nats.start())
      await eventually(async () => {
        assert.strictEqual((await pair.a.get("/ready")).status, 200)
        assert.strictEqual((await pair.b.get("/ready")).status, 200)
      }, 60_000)
      for (const api of [pair.a, pair.b]) {
        assert.isFalse(await opens(api, users[0].token))
        assert.isFalse(await opens(api, users[1].token))
      }
      assert.isBelow(await pair.logoutSeen(users[2], pair.a, pair.b), 1000)
    }, 60_000)
  })
})
