import { assert, describe, it } from "vitest"
import type { ApiClient } from "../support/ApiClient.ts"
import { type Case, type Documented, everyDocumentedStatus, invalid, problem, type World } from "./DocumentedRoutes.ts"
import { eventually } from "./Eventually.ts"
import { onEach } from "./Suites.ts"
import { freshEmail, linkIn, mailsTo, type Person, register, signIn, signUp } from "./V1Accounts.ts"

const documented: Documented = {
  "POST /api/v1/auth/password/forgot": [202, 400, 422],
  "GET /api/v1/auth/password/reset": [400, 422],
  "POST /api/v1/auth/password/reset": [200, 400, 415, 422],
  "POST /api/v1/auth/password/change": [204, 400, 401, 415, 422]
}

const malformedEmail = "must be an e-mail address such as ada@example.com"
const short = "must be at least 8 characters"
const usedUp = problem(400, "Invalid or expired password reset link.")
const noJson = problem(400, "The request body is not valid JSON")
const password = "long enough"
const plain = { headers: { "content-type": "application/json" } }
const browser = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" }
const isPage = "text/html; charset=utf-8"

const resetPath = "/api/v1/auth/password/reset"

/** The link in the mail that a forgetful owner gets. */
const forgot = async (api: ApiClient, { email }: Pick<Person, "email">, count = 1) => {
  await api.post("/api/v1/auth/password/forgot", { email })
  return linkIn(api, email, "reset", count)
}

const enters = async (api: ApiClient, username: string, secret: string) => {
  const form = { username, password: secret }
  return (await api.request("POST", "/api/v1/auth/login", { form })).status
}

const forgetting: ReadonlyArray<Case> = [
  ...[
    ["an account has the address", async ({ api }: World) => (await register(api)).email],
    ["nobody has it", async ({ api }: World) => freshEmail(api)]
  ].map(([when, address]): Case => ({
    route: "POST /api/v1/auth/password/forgot",
    status: 202,
    when: String(when),
    ask: async (world) => ({ json: { email: typeof address === "function" ? await address(world) : "" } }),
    body: { message: "If there is an account with this address, a mail with a link is on its way." }
  })),
  {
    route: "POST /api/v1/auth/password/forgot",
    status: 422,
    when: "the address is none",
    ask: () => ({ json: { email: "ada" } }),
    body: invalid("email", malformedEmail)
  },
  {
    route: "POST /api/v1/auth/password/forgot",
    status: 400,
    when: "it is no JSON",
    ask: () => ({ ...plain, body: "ada" }),
    body: noJson
  }
]

const resetting: ReadonlyArray<Case> = [
  {
    route: "GET /api/v1/auth/password/reset",
    status: 400,
    when: "the token is none",
    ask: () => ({ query: "?token=nonsense" }),
    body: usedUp
  },
  {
    route: "GET /api/v1/auth/password/reset",
    status: 422,
    when: "there is no token",
    ask: () => ({}),
    body: invalid("token", "is required")
  },
  {
    route: "POST /api/v1/auth/password/reset",
    status: 200,
    when: "the link works",
    ask: async ({ api }) => ({ json: { token: await forgot(api, await register(api)), password: api.password() } }),
    body: { message: "Password changed. You can now log in." }
  },
  {
    route: "POST /api/v1/auth/password/reset",
    status: 200,
    when: "it comes as a form",
    ask: async ({ api }) => ({ form: { token: await forgot(api, await register(api)), password: api.password() } }),
    body: { message: "Password changed. You can now log in." }
  },
  ...[
    ["is none", async () => "nonsense"],
    ["is an access token", async ({ ada }: World) => ada.token],
    ["verifies an address", async ({ api }: World) => linkIn(api, (await register(api)).email, "verification")],
    [
      "has been used",
      async ({ api }: World) => {
        const token = await forgot(api, await register(api))
        assert.strictEqual((await api.post(resetPath, { token, password: api.password() })).status, 200)
        return token
      }
    ],
    [
      "was sent before the password changed",
      async ({ api }: World) => {
        const person = await signUp(api)
        const token = await forgot(api, person)
        const json = { current_password: person.password, new_password: api.password() }
        await api.post("/api/v1/auth/password/change", json, { token: person.token })
        return token
      }
    ]
  ].map(([what, token]): Case => ({
    route: "POST /api/v1/auth/password/reset",
    status: 400,
    when: `the token ${String(what)}`,
    ask: async (world) => ({ json: { token: typeof token === "function" ? await token(world) : "", password } }),
    body: usedUp
  })),
  {
    route: "POST /api/v1/auth/password/reset",
    status: 422,
    when: "the password is short",
    ask: () => ({ json: { token: "x", password: "short" } }),
    body: invalid("password", short)
  },
  {
    route: "POST /api/v1/auth/password/reset",
    status: 422,
    when: "the password of a form is short, and no browser sent it",
    ask: () => ({ form: { token: "x", password: "short" } }),
    body: invalid("password", short)
  },
  {
    route: "POST /api/v1/auth/password/reset",
    status: 422,
    when: "a field is not known",
    ask: () => ({ json: { token: "x", password, email: "ada@example.com" } }),
    body: invalid("email", "is not a known field")
  },
  {
    route: "POST /api/v1/auth/password/reset",
    status: 400,
    when: "it is no JSON",
    ask: () => ({ ...plain, body: "x" }),
    body: noJson
  },
  {
    route: "POST /api/v1/auth/password/reset",
    status: 415,
    when: "it is text",
    ask: () => ({ headers: { "content-type": "text/plain" }, body: "x" }),
    body: problem(415, "The request body must be application/json or application/x-www-form-urlencoded")
  }
]

const change = "POST /api/v1/auth/password/change"
const changing: ReadonlyArray<Case> = [
  {
    route: change,
    status: 204,
    when: "the current one is right",
    ask: async ({ api }) => {
      const user = await api.signUp()
      return { as: user, json: { current_password: user.password, new_password: api.password() } }
    },
    body: undefined
  },
  {
    route: change,
    status: 422,
    when: "the current one is wrong",
    ask: ({ ada }) => ({ as: ada, json: { current_password: "not this one", new_password: password } }),
    body: invalid("current_password", "is not the password of this account")
  },
  {
    route: change,
    status: 422,
    when: "the new one is short",
    ask: ({ ada }) => ({ as: ada, json: { current_password: ada.password, new_password: "1234567" } }),
    body: invalid("new_password", short)
  },
  {
    route: change,
    status: 422,
    when: "both are missing",
    ask: ({ ada }) => ({ as: ada, json: {} }),
    body: problem(422, "current_password is required; new_password is required", [
      { field: "current_password", message: "is required" },
      { field: "new_password", message: "is required" }
    ])
  },
  {
    route: change,
    status: 400,
    when: "it is no JSON",
    ask: ({ ada }) => ({ as: ada, ...plain, body: "[" }),
    body: noJson
  },
  {
    route: change,
    status: 415,
    when: "it is a form",
    ask: ({ ada }) => ({ as: ada, form: { current_password: ada.password, new_password: password } }),
    body: problem(415, "The request body must be application/json")
  },
  {
    route: change,
    status: 401,
    when: "there is no token",
    ask: () => ({ json: {} }),
    body: problem(401, "Invalid or missing access token")
  }
]

onEach("passwords of v1", (rookery) => {
  const { api } = rookery
  everyDocumentedStatus(rookery, documented, [...forgetting, ...resetting, ...changing])

  describe("a forgotten password", () => {
    it("is set anew by the link, which ends all sessions, verifies the address and is told to it", async () => {
      const person = await register(api)
      const { body } = await api.post("/login", { email: person.email, password: person.password })
      const { token: open } = body as { readonly token: string }
      const token = await forgot(api, person)
      const next = api.password()
      assert.strictEqual((await api.post(resetPath, { token, password: next })).status, 200)
      assert.strictEqual((await api.get("/contacts", { token: open })).status, 401)
      assert.strictEqual(await enters(api, person.email, person.password), 401)
      assert.strictEqual(await enters(api, person.email, next), 200)
      await eventually(async () => {
        assert.match((await mailsTo(api, person.email))[0]?.subject ?? "", /password was changed/)
      })
    })

    it("is mailed to nobody where nobody has the address", async () => {
      const [known, unknown] = [(await register(api)).email, freshEmail(api)]
      await api.post("/api/v1/auth/password/forgot", { email: unknown })
      await forgot(api, { email: known })
      assert.deepStrictEqual(await mailsTo(api, unknown), [])
    })

    it("is set once when two come at once with one link", async () => {
      const person = await register(api)
      const token = await forgot(api, person)
      const next = Array.from({ length: 4 }, api.password)
      const answers = await Promise.all(next.map((secret) => api.post(resetPath, { token, password: secret })))
      const won = answers.flatMap(({ status }, index) => (status === 200 ? [index] : []))
      assert.lengthOf(won, 1)
      for (const [index, secret] of next.entries()) {
        assert.strictEqual(await enters(api, person.email, secret), index === won[0] ? 200 : 401)
      }
    })
  })

  describe("the page of the link", () => {
    const openPage = async (person: Person) => {
      const token = await forgot(api, person)
      const page = await api.get(`${resetPath}?token=${token}`, { headers: browser })
      return { token, page }
    }

    it("has a form that works without a script, and sends the token nowhere else", async () => {
      const person = await register(api)
      const { page, token } = await openPage(person)
      assert.strictEqual(page.status, 200)
      assert.strictEqual(page.headers.get("content-type"), isPage)
      assert.strictEqual(page.headers.get("cache-control"), "no-store")
      assert.strictEqual(page.headers.get("referrer-policy"), "no-referrer")
      assert.match(
        page.headers.get("content-security-policy") ?? "",
        /^default-src 'none'; style-src 'sha256-[^']+'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-/
      )
      assert.notMatch(page.text, /<script|https?:/)
      assert.include(page.text, '<form method="post" action="?">')
      assert.include(page.text, `<input type="hidden" name="token" value="${token}">`)
      const next = api.password()
      const sent = await api.request("POST", `${resetPath}?`, { headers: browser, form: { token, password: next } })
      assert.deepStrictEqual([sent.status, sent.headers.get("content-type")], [200, isPage])
      assert.include(sent.text, "You can now log in.")
      assert.strictEqual(await enters(api, person.email, next), 200)
    })

    it("is shown to programs as well, while the link works", async () => {
      const person = await register(api)
      const token = await forgot(api, person)
      const path = `${resetPath}?token=${token}`
      assert.strictEqual((await api.get(path)).headers.get("content-type"), isPage)
      await api.post(resetPath, { token, password: api.password() })
      const gone = await api.get(path, { headers: browser })
      assert.deepStrictEqual([gone.status, gone.headers.get("content-type")], [400, isPage])
      assert.include(gone.text, '<p role="alert">Invalid or expired password reset link.</p>')
      assert.notInclude(gone.text, "<form")
    })

    it("asks again for a better password, and says what is wrong with this one", async () => {
      const person = await register(api)
      const { token } = await openPage(person)
      const form = { token, password: "short" }
      const again = await api.request("POST", resetPath, { headers: browser, form })
      assert.deepStrictEqual([again.status, again.headers.get("content-type")], [422, isPage])
      assert.include(again.text, '<p id="complaint" role="alert">Password must be at least 8 characters.</p>')
      assert.include(again.text, 'aria-invalid="true"')
      assert.include(again.text, `<input type="hidden" name="token" value="${token}">`)
      assert.strictEqual(await enters(api, person.email, person.password), 403, "and nothing has changed")
    })

    it("repeats nothing that would become a part of it", async () => {
      const form = { token: '"><script>alert(1)</script>', password: "short" }
      const page = await api.request("POST", resetPath, { headers: browser, form })
      assert.strictEqual(page.status, 422)
      assert.notInclude(page.text, "<script>")
      assert.include(page.text, "&#34;&#62;&#60;script&#62;")
    })
  })

  describe("a changed password", () => {
    it("ends all other sessions, and is told to the address", async () => {
      const person = await signUp(api)
      const other = await signIn(api, person.email, person.password)
      const next = api.password()
      const json = { current_password: person.password, new_password: next }
      const changed = await api.post("/api/v1/auth/password/change", json, { token: person.token })
      assert.deepStrictEqual([changed.status, changed.text], [204, ""])
      assert.strictEqual((await api.get("/api/v1/users/me", { token: person.token })).status, 200)
      assert.strictEqual((await api.get("/api/v1/users/me", { token: other.token })).status, 401)
      assert.strictEqual(await enters(api, person.email, person.password), 401)
      assert.strictEqual(await enters(api, person.email, next), 200)
      await eventually(async () => {
        assert.match((await mailsTo(api, person.email))[0]?.subject ?? "", /password was changed/)
      })
    })
  })
})
