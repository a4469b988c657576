import { Schema } from "effect"
import { decodeJwt } from "jose"
import { assert, describe, expect, it } from "vitest"
import type { ApiClient } from "../support/ApiClient.ts"
import {
  anyTime,
  anyToken,
  type Case,
  type Documented,
  everyDocumentedStatus,
  invalid,
  problem,
  type World
} from "./DocumentedRoutes.ts"
import { onEach } from "./Suites.ts"
import { register, signIn, signUp } from "./V1Accounts.ts"

const documented: Documented = {
  "POST /api/v1/auth/refresh": [200, 400, 401, 415, 422],
  "POST /api/v1/auth/logout": [204, 400, 401, 422],
  "GET /api/v1/auth/sessions": [200, 401],
  "DELETE /api/v1/auth/sessions": [204, 401, 422],
  "DELETE /api/v1/auth/sessions/{session_id}": [204, 401, 404, 422]
}

const Pair = Schema.Struct({ access_token: Schema.String, refresh_token: Schema.String })
const Listed = Schema.Array(
  Schema.Struct({
    id: Schema.String,
    device: Schema.NullOr(Schema.String),
    user_agent: Schema.NullOr(Schema.String),
    dialect: Schema.String,
    current: Schema.Boolean
  })
)

const invalidToken = problem(401, "Invalid or missing access token")
const invalidRefresh = problem(401, "Invalid or expired refresh token")
const noToken = problem(401, "Invalid or missing token")
const tokens = { access_token: anyToken, refresh_token: anyToken, token_type: "bearer", expires_in: 900 }
const plain = { headers: { "content-type": "application/json" } }
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
const nobodys = "8c1f1f5e-0d7a-4f0e-9d5c-5a3b1c7e2f90"

const sessionOf = (token: string) => String(decodeJwt(token).sid)

const refresh = (api: ApiClient, refreshToken: string) =>
  api.post("/api/v1/auth/refresh", { refresh_token: refreshToken })

const opens = async (api: ApiClient, token: string) => (await api.get("/api/v1/users/me", { token })).status === 200

/** A new session, by the username of an account that all cases share. */
const session = ({ ada, api }: World) => signIn(api, ada.username, ada.password)

const refreshing: ReadonlyArray<Case> = [
  {
    route: "POST /api/v1/auth/refresh",
    status: 200,
    when: "the refresh token is shown",
    ask: async (world) => ({ json: { refresh_token: (await session(world)).refreshToken } }),
    body: tokens
  },
  {
    route: "POST /api/v1/auth/refresh",
    status: 200,
    when: "it has been replaced just now",
    ask: async (world) => {
      const { refreshToken } = await session(world)
      await refresh(world.api, refreshToken)
      return { json: { refresh_token: refreshToken } }
    },
    body: tokens
  },
  ...[
    ["the access token is shown", async (world: World) => (await session(world)).token],
    ["another dialect opened the session", async ({ ada }: World) => ada.refreshToken],
    ["it is no token", async () => "nonsense"],
    ["it is empty", async () => ""],
    [
      "the session has ended",
      async (world: World) => {
        const { refreshToken, token } = await session(world)
        await world.api.post("/api/v1/auth/logout", undefined, { token })
        return refreshToken
      }
    ]
  ].map(([when, token]): Case => ({
    route: "POST /api/v1/auth/refresh",
    status: 401,
    when: String(when),
    ask: async (world) => ({ json: { refresh_token: typeof token === "function" ? await token(world) : "" } }),
    body: invalidRefresh
  })),
  {
    route: "POST /api/v1/auth/refresh",
    status: 422,
    when: "there is no token",
    ask: () => ({ json: {} }),
    body: invalid("refresh_token", "is required")
  },
  {
    route: "POST /api/v1/auth/refresh",
    status: 400,
    when: "it is no JSON",
    ask: () => ({ ...plain, body: "eyJ" }),
    body: problem(400, "The request body is not valid JSON")
  },
  {
    route: "POST /api/v1/auth/refresh",
    status: 415,
    when: "it is a form",
    ask: () => ({ form: { refresh_token: "x" } }),
    body: problem(415, "The request body must be application/json")
  }
]

const signingOut: ReadonlyArray<Case> = [
  {
    route: "POST /api/v1/auth/logout",
    status: 204,
    when: "the refresh token is in the body",
    ask: async (world) => ({ json: { refresh_token: (await session(world)).refreshToken } }),
    body: undefined
  },
  {
    route: "POST /api/v1/auth/logout",
    status: 204,
    when: "the access token is there as well",
    ask: async (world) => {
      const { refreshToken, token } = await session(world)
      return { token, json: { refresh_token: refreshToken } }
    },
    body: undefined
  },
  {
    route: "POST /api/v1/auth/logout",
    status: 204,
    when: "the access token is shown alone",
    ask: async (world) => ({ token: (await session(world)).token }),
    body: undefined
  },
  {
    route: "POST /api/v1/auth/logout",
    status: 204,
    when: "the refresh token is shown alone, after a doubled Bearer",
    ask: async (world) => ({ headers: { authorization: `Bearer Bearer ${(await session(world)).refreshToken}` } }),
    body: undefined
  },
  {
    route: "POST /api/v1/auth/logout",
    status: 204,
    when: "the session has ended before",
    ask: async (world) => {
      const { refreshToken } = await session(world)
      await world.api.post("/api/v1/auth/logout", { refresh_token: refreshToken })
      return { json: { refresh_token: refreshToken } }
    },
    body: undefined
  },
  {
    route: "POST /api/v1/auth/logout",
    status: 204,
    when: "another dialect opened the session",
    ask: async ({ api }) => ({ json: { refresh_token: (await api.signUp()).refreshToken } }),
    body: undefined
  },
  {
    route: "POST /api/v1/auth/logout",
    status: 401,
    when: "there is no token at all",
    ask: () => ({}),
    body: noToken
  },
  {
    route: "POST /api/v1/auth/logout",
    status: 401,
    when: "it is no token",
    ask: () => ({ json: { refresh_token: "nonsense" } }),
    body: noToken
  },
  {
    route: "POST /api/v1/auth/logout",
    status: 422,
    when: "the body has no token",
    ask: async (world) => ({ token: (await session(world)).token, json: {} }),
    body: invalid("refresh_token", "is required")
  },
  {
    route: "POST /api/v1/auth/logout",
    status: 400,
    when: "it is no JSON",
    ask: () => ({ ...plain, body: "eyJ" }),
    body: problem(400, "The request body is not valid JSON")
  }
]

const listing: ReadonlyArray<Case> = [
  {
    route: "GET /api/v1/auth/sessions",
    status: 200,
    when: "there is one, of a browser",
    ask: async ({ api }) => {
      const { password, username } = await api.signUp()
      const { refreshToken, token } = await signIn(api, username, password, { headers: { "user-agent": firefox } })
      await api.delete("/api/v1/auth/sessions?keep=current", { token })
      return { token: (await refresh(api, refreshToken)).status === 200 ? token : "" }
    },
    body: ({ token = "" }) => [
      {
        id: sessionOf(token),
        device: "Firefox on Linux",
        user_agent: firefox,
        dialect: "v1",
        created_at: anyTime,
        last_used_at: anyTime,
        expires_at: anyTime,
        current: true
      }
    ]
  },
  {
    route: "DELETE /api/v1/auth/sessions",
    status: 204,
    when: "there are several",
    ask: async ({ api }) => {
      const user = await api.signUp()
      await signIn(api, user.username, user.password)
      return { as: user }
    },
    body: undefined
  },
  {
    route: "DELETE /api/v1/auth/sessions",
    status: 422,
    when: "it is to keep something else",
    ask: async (world) => ({ token: (await session(world)).token, query: "?keep=all" }),
    body: invalid("keep", 'must be "current"')
  },
  {
    route: "DELETE /api/v1/auth/sessions/{session_id}",
    status: 204,
    when: "it is one's own",
    ask: async (world) => ({ as: world.ada, params: { session_id: sessionOf((await session(world)).token) } }),
    body: undefined
  },
  {
    route: "DELETE /api/v1/auth/sessions/{session_id}",
    status: 404,
    when: "it has ended before",
    ask: async (world) => {
      const { token } = await session(world)
      await world.api.post("/api/v1/auth/logout", undefined, { token })
      return { as: world.ada, params: { session_id: sessionOf(token) } }
    },
    body: problem(404, "Session not found")
  },
  {
    route: "DELETE /api/v1/auth/sessions/{session_id}",
    status: 404,
    when: "it is somebody else's",
    ask: async ({ ada, api }) => ({ as: ada, params: { session_id: sessionOf((await api.signUp()).token) } }),
    body: problem(404, "Session not found")
  },
  {
    route: "DELETE /api/v1/auth/sessions/{session_id}",
    status: 404,
    when: "nobody has it",
    ask: ({ ada }) => ({ as: ada, params: { session_id: nobodys } }),
    body: problem(404, "Session not found")
  },
  ...["1", "current", `${nobodys}0`, "%00"].map((session_id): Case => ({
    route: "DELETE /api/v1/auth/sessions/{session_id}",
    status: 422,
    when: `it is ${session_id}`,
    ask: ({ ada }) => ({ as: ada, params: { session_id } }),
    body: invalid("session_id", "must be the id of a session")
  })),
  ...Object.keys(documented)
    .filter((route) => route.includes("/sessions"))
    .map((route): Case => ({
      route,
      status: 401,
      when: "there is no token",
      ask: () => ({ params: { session_id: "1" } }),
      body: invalidToken
    }))
]

onEach("sessions of v1", (rookery) => {
  const { api } = rookery
  everyDocumentedStatus(rookery, documented, [...refreshing, ...signingOut, ...listing])

  const pairOf = async (refreshToken: string) => {
    const answer = await refresh(api, refreshToken)
    assert.strictEqual(answer.status, 200, answer.text)
    assert.strictEqual(answer.headers.get("cache-control"), "no-store")
    return Schema.decodeUnknownSync(Pair)(answer.body)
  }
  /** As if this long had passed since the last rotation. */
  const pass = (token: string, seconds: number) =>
    rookery.query(
      `UPDATE sessions SET rotated_at = rotated_at - interval '${seconds} seconds' WHERE id = '${sessionOf(token)}'`
    )
  const list = async (token: string) => {
    const { body } = await api.get("/api/v1/auth/sessions", { token })
    return Schema.decodeUnknownSync(Listed)(body)
  }

  describe("refresh tokens", () => {
    it("are replaced at each refresh, in the same session", async () => {
      const first = await signUp(api)
      const second = await pairOf(first.refreshToken)
      assert.notStrictEqual(second.refresh_token, first.refreshToken)
      assert.strictEqual(sessionOf(second.access_token), sessionOf(first.token))
      const third = await pairOf(second.refresh_token)
      for (const token of [first.token, second.access_token, third.access_token]) {
        assert.isTrue(await opens(api, token))
      }
    })

    it("leave one live family when ten refreshes come at once with one token", async () => {
      const first = await signUp(api)
      const answers = await Promise.all(Array.from({ length: 10 }, () => pairOf(first.refreshToken)))
      const next = new Set(answers.map(({ refresh_token }) => refresh_token))
      assert.strictEqual(next.size, 1)
      for (const { access_token } of answers) assert.isTrue(await opens(api, access_token))
      assert.lengthOf(await list(first.token), 1)
      const [survivor = ""] = next
      await pairOf((await pairOf(survivor)).refresh_token)
    })

    it("end their session when one that was replaced comes back, and that is logged without it", async () => {
      const first = await signUp(api)
      const second = await pairOf(first.refreshToken)
      await pass(first.token, 11)
      assert.strictEqual((await refresh(api, first.refreshToken)).status, 401)
      assert.isFalse(await opens(api, first.token))
      assert.isFalse(await opens(api, second.access_token))
      assert.strictEqual((await refresh(api, second.refresh_token)).status, 401)
      const logged = rookery
        .output()
        .split("\n")
        .find((line) => line.includes("shown after it had been replaced") && line.includes(sessionOf(first.token)))
      assert.isDefined(logged)
    })

    it("end their session also where they are shown as Bearer, once they have been replaced", async () => {
      const first = await signUp(api)
      const second = await pairOf(first.refreshToken)
      assert.strictEqual((await api.get("/contacts", { token: first.refreshToken })).status, 401)
      assert.isTrue(await opens(api, second.access_token), "within the grace nothing ends")
      await pass(first.token, 11)
      assert.strictEqual((await api.get("/contacts", { token: first.refreshToken })).status, 401)
      assert.isFalse(await opens(api, second.access_token))
    })

    it("are refused by the refresh of another dialect, and live on", async () => {
      const { refreshToken } = await signUp(api)
      assert.strictEqual((await api.post("/auth/refresh", undefined, { token: refreshToken })).status, 401)
      await pairOf(refreshToken)
    })
  })

  describe("sessions", () => {
    it("are listed the latest used first, of every dialect, with what they run on", async () => {
      const user = await api.signUp()
      const agents = [firefox, "curl/8.5.0", "MyApp/2.0 (Pixel 8) okhttp/4.9"]
      for (const agent of agents) {
        await signIn(api, user.username, user.password, { headers: { "user-agent": agent } })
      }
      const last = await signIn(api, user.username, user.password, { headers: { "user-agent": "" } })
      const listed = await list(last.token)
      assert.deepStrictEqual(
        listed.map(({ current, device, dialect }) => [device, dialect, current]),
        [
          [null, "v1", true],
          ["MyApp/2.0", "v1", false],
          ["curl/8.5.0", "v1", false],
          ["Firefox on Linux", "v1", false],
          ["node", "classic", false]
        ]
      )
    })

    it("end all at once, or all but the one that asks", async () => {
      const user = await api.signUp()
      const first = await signIn(api, user.username, user.password)
      const second = await signIn(api, user.username, user.password)
      assert.strictEqual((await api.delete("/api/v1/auth/sessions?keep=current", { token: first.token })).status, 204)
      assert.isTrue(await opens(api, first.token))
      assert.isFalse(await opens(api, second.token))
      assert.isFalse(await opens(api, user.token))
      assert.strictEqual((await refresh(api, second.refreshToken)).status, 401)
      assert.strictEqual((await api.delete("/api/v1/auth/sessions", { token: first.token })).status, 204)
      assert.isFalse(await opens(api, first.token))
    })

    it("end one at a time", async () => {
      const user = await api.signUp()
      const { token } = await signIn(api, user.username, user.password)
      assert.strictEqual((await api.delete(`/api/v1/auth/sessions/${sessionOf(user.token)}`, { token })).status, 204)
      assert.isFalse(await opens(api, user.token))
      assert.isTrue(await opens(api, token))
    })

    it("are what a sign-out ends, whichever token of them is shown", async () => {
      const user = await api.signUp()
      for (const which of ["token", "refreshToken"] as const) {
        const opened = await signIn(api, user.username, user.password)
        await api.post("/api/v1/auth/logout", { refresh_token: opened[which] })
        assert.isFalse(await opens(api, opened.token), which)
        assert.strictEqual((await refresh(api, opened.refreshToken)).status, 401, which)
      }
      assert.isTrue(await opens(api, user.token))
    })

    it("of an account that has yet to verify its address open its account, and no contacts", async () => {
      const person = await register(api)
      const { body } = await api.post("/login", { email: person.email, password: person.password })
      const { token } = body as { readonly token: string }
      assert.isTrue(await opens(api, token))
      const contacts = await api.get("/api/v1/contacts", { token })
      expect(contacts.body).toStrictEqual(
        problem(403, "This e-mail address has not been verified yet: open the link in the mail that was sent to it")
      )
      assert.strictEqual((await api.get("/contacts", { token })).status, 200)
    })
  })
})
