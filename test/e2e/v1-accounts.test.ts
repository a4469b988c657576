import { assert, describe, expect, it } from "vitest"
import {
  anyId,
  anyText,
  anyTime,
  anyToken,
  type Case,
  type Documented,
  everyDocumentedStatus,
  invalid,
  problem,
  type World
} from "./DocumentedRoutes.ts"
import { embedded, onEach } from "./Suites.ts"
import { freshEmail, linkIn, mailsTo, register, registerVerified, signIn, signUp } from "./V1Accounts.ts"

/** Every status of contact-notes-system.md and contacts-api-reference.md on accounts, and those that v1 has beside them. */
const documented: Documented = {
  "POST /api/v1/auth/register": [201, 400, 409, 413, 415, 422],
  "GET /api/v1/auth/verify/{token}": [200, 400, 409],
  "POST /api/v1/auth/verify/resend": [202, 400, 422],
  "POST /api/v1/auth/login": [200, 401, 403, 415, 422],
  "POST /api/v1/auth/token": [200, 401, 403, 415, 422],
  "GET /api/v1/users/me": [200, 401],
  "PATCH /api/v1/users/me": [200, 400, 401, 409, 422],
  "DELETE /api/v1/users/me": [204, 401, 422]
}

const account = (fields: object) => ({
  id: anyId,
  username: null,
  email: anyText,
  pending_email: null,
  is_verified: false,
  avatar_url: null,
  created_at: anyTime,
  ...fields
})

const tokens = { access_token: anyToken, refresh_token: anyToken, token_type: "bearer", expires_in: 900 }
const malformedEmail = "must be an e-mail address such as ada@example.com"
const emailTaken = problem(409, "An account with this email already exists.")
const usernameTaken = problem(409, "An account with this username already exists.")
const invalidToken = problem(401, "Invalid or missing access token")
const password = "long enough"
const email = "somebody@example.com"
const plain = { headers: { "content-type": "application/json" } }

const registration: ReadonlyArray<Case> = [
  {
    route: "POST /api/v1/auth/register",
    status: 201,
    when: "there are an address and a password",
    ask: ({ api }) => ({ json: { email: freshEmail(api), password: api.password() } }),
    body: account({})
  },
  {
    route: "POST /api/v1/auth/register",
    status: 201,
    when: "there is a username too",
    ask: ({ api }) => ({ json: { username: api.username(), email: freshEmail(api), password: api.password() } }),
    body: ({ json }) => account({ username: Object(json).username, email: Object(json).email })
  },
  {
    route: "POST /api/v1/auth/register",
    status: 201,
    when: "the username is null",
    ask: ({ api }) => ({ json: { username: null, email: freshEmail(api), password: api.password() } }),
    body: account({})
  },
  {
    route: "POST /api/v1/auth/register",
    status: 409,
    when: "somebody has the address, in other letters",
    ask: async ({ api }) => ({ json: { email: (await register(api)).email.toUpperCase(), password } }),
    body: emailTaken
  },
  {
    route: "POST /api/v1/auth/register",
    status: 409,
    when: "somebody has the username, in other letters",
    ask: ({ ada, api }) => ({ json: { username: ada.username.toUpperCase(), email: freshEmail(api), password } }),
    body: usernameTaken
  },
  ...(
    [
      ["there is no password", { email }, "password", "is required"],
      ["there is no address", { username: "somebody", password }, "email", "is required"],
      ["the address is none", { email: "somebody", password }, "email", malformedEmail],
      ["the address is null", { email: null, password }, "email", "must be a string"],
      ["the address is empty", { email: "", password }, "email", malformedEmail],
      ["the password is short", { email, password: "1234567" }, "password", "must be at least 8 characters"],
      ["the password is long", { email, password: "é".repeat(513) }, "password", "must be at most 1024 bytes"],
      ["the password is a number", { email, password: 12345678 }, "password", "must be a string"],
      [
        "the username would pass for an address",
        { username: "ada@example.com", email, password },
        "username",
        "must be 2 to 64 letters, digits, dots, underscores or hyphens"
      ],
      ["a field is not known", { email, password, admin: true }, "admin", "is not a known field"],
      ["a field is not known that nobody repeats", { email, password, "<b>": 1 }, "", "has an unknown field"],
      ["it is a list", [], "", "must be an object"],
      ["it is null", null, "", "must be an object"]
    ] as const
  ).map(([when, json, field, message]): Case => ({
    route: "POST /api/v1/auth/register",
    status: 422,
    when,
    ask: () => ({ json }),
    body: invalid(field, message)
  })),
  {
    route: "POST /api/v1/auth/register",
    status: 422,
    when: "several things are wrong, all of which are named",
    ask: () => ({ json: { username: "x", email: "y", password: "z" } }),
    body: problem(
      422,
      "username must be 2 to 64 letters, digits, dots, underscores or hyphens; " +
        "email must be an e-mail address such as ada@example.com; password must be at least 8 characters",
      [
        { field: "username", message: "must be 2 to 64 letters, digits, dots, underscores or hyphens" },
        { field: "email", message: malformedEmail },
        { field: "password", message: "must be at least 8 characters" }
      ]
    )
  },
  {
    route: "POST /api/v1/auth/register",
    status: 422,
    when: "there is no body",
    ask: () => plain,
    body: invalid("", "must be an object")
  },
  ...["{", "nonsense", '{"email": "a@example.com",}'].map((body): Case => ({
    route: "POST /api/v1/auth/register",
    status: 400,
    when: `the body is ${body}`,
    ask: () => ({ ...plain, body }),
    body: problem(400, "The request body is not valid JSON")
  })),
  {
    route: "POST /api/v1/auth/register",
    status: 400,
    when: "the body is not UTF-8",
    ask: () => ({ ...plain, body: new Uint8Array([0x7b, 0xff, 0x7d]) }),
    body: problem(400, "The request body is not valid UTF-8")
  },
  {
    route: "POST /api/v1/auth/register",
    status: 413,
    when: "the body is larger than 1 MiB",
    ask: () => ({ ...plain, body: `{"email": "${"a".repeat(1_100_000)}"}` }),
    body: problem(413, "The request body is too large")
  },
  {
    route: "POST /api/v1/auth/register",
    status: 415,
    when: "it is a form",
    ask: () => ({ form: { email, password } }),
    body: problem(415, "The request body must be application/json")
  }
]

const usedUp = problem(400, "Invalid or expired verification link.")

const verification: ReadonlyArray<Case> = [
  {
    route: "GET /api/v1/auth/verify/{token}",
    status: 200,
    when: "the link is opened",
    ask: async ({ api }) => ({ params: { token: await linkIn(api, (await register(api)).email, "verification") } }),
    body: { message: "Email verified. You can now log in." }
  },
  {
    route: "GET /api/v1/auth/verify/{token}",
    status: 200,
    when: "the link has been opened before",
    ask: async ({ api }) => {
      const token = await linkIn(api, (await register(api)).email, "verification")
      await api.get(`/api/v1/auth/verify/${token}`)
      return { params: { token } }
    },
    body: { message: "Email verified. You can now log in." }
  },
  {
    route: "GET /api/v1/auth/verify/{token}",
    status: 409,
    when: "somebody else has verified the address meanwhile",
    ask: async ({ api }) => {
      const person = await signUp(api)
      const wanted = freshEmail(api)
      await api.request("PATCH", "/api/v1/users/me", { token: person.token, json: { email: wanted } })
      const token = await linkIn(api, wanted, "verification")
      await registerVerified(api, wanted)
      return { params: { token } }
    },
    body: emailTaken
  },
  ...[
    ["anything", () => "anything"],
    ["%00", () => "%00"],
    ["an access token", ({ ada }: World) => ada.token],
    ["a refresh token", ({ ada }: World) => ada.refreshToken],
    ["400 letters", () => "x".repeat(400)]
  ].map(([when, token]): Case => ({
    route: "GET /api/v1/auth/verify/{token}",
    status: 400,
    when: `the token is ${String(when)}`,
    ask: (world) => ({ params: { token: typeof token === "function" ? token(world) : "" } }),
    body: usedUp
  })),
  {
    route: "GET /api/v1/auth/verify/{token}",
    status: 400,
    when: "the link is for a password reset",
    ask: async ({ api }) => {
      const person = await register(api)
      await api.post("/api/v1/auth/password/forgot", { email: person.email })
      return { params: { token: await linkIn(api, person.email, "reset") } }
    },
    body: usedUp
  },
  ...[
    ["nobody has that address", async ({ api }: World) => freshEmail(api)],
    ["an account is to be verified", async ({ api }: World) => (await register(api)).email],
    ["an account has been verified", async ({ api }: World) => (await registerVerified(api)).email]
  ].map(([when, address]): Case => ({
    route: "POST /api/v1/auth/verify/resend",
    status: 202,
    when: String(when),
    ask: async (world) => ({ json: { email: typeof address === "function" ? await address(world) : "" } }),
    body: { message: "If an account with this address is still to be verified, a mail with a link is on its way." }
  })),
  {
    route: "POST /api/v1/auth/verify/resend",
    status: 422,
    when: "the address is none",
    ask: () => ({ json: { email: "nobody" } }),
    body: invalid("email", malformedEmail)
  },
  {
    route: "POST /api/v1/auth/verify/resend",
    status: 400,
    when: "the body is no JSON",
    ask: () => ({ ...plain, body: "email=ada" }),
    body: problem(400, "The request body is not valid JSON")
  }
]

const signingIn = ["POST /api/v1/auth/login", "POST /api/v1/auth/token"].flatMap((route): ReadonlyArray<Case> => [
  {
    route,
    status: 200,
    when: "username and password fit",
    ask: ({ ada }) => ({ form: { username: ada.username, password: ada.password } }),
    body: tokens
  },
  {
    route,
    status: 200,
    when: "a verified address is given, in other letters",
    ask: async ({ api }) => {
      const person = await registerVerified(api)
      return { form: { username: person.email.toUpperCase(), password: person.password } }
    },
    body: tokens
  },
  {
    route,
    status: 200,
    when: "the form has all that OAuth 2 knows, and more",
    ask: ({ ada }) => ({
      form: {
        grant_type: "password",
        username: ada.username,
        password: ada.password,
        scope: "",
        client_id: "x",
        client_secret: "",
        state: "1"
      },
      headers: { authorization: "Basic eDp5" }
    }),
    body: tokens
  },
  ...[
    ["the password is wrong", ({ ada }: World) => ada.username],
    ["nobody has that name", () => "nobody.here"],
    ["nobody has that address", () => "nobody@example.com"],
    ["nobody can have that name", () => "\u0000 x"]
  ].map(([when, username]): Case => ({
    route,
    status: 401,
    when: String(when),
    ask: (world) => ({
      form: { username: typeof username === "function" ? username(world) : "", password: "another password" }
    }),
    body: problem(401, "Invalid username, e-mail address or password")
  })),
  {
    route,
    status: 401,
    when: "the password is wrong and the address not verified",
    ask: async ({ api }) => ({ form: { username: (await register(api)).email, password: "another password" } }),
    body: problem(401, "Invalid username, e-mail address or password")
  },
  {
    route,
    status: 403,
    when: "the address has not been verified",
    ask: async ({ api }) => {
      const person = await register(api)
      return { form: { username: person.email, password: person.password } }
    },
    body: problem(403, "This e-mail address has not been verified yet: open the link in the mail that was sent to it")
  },
  {
    route,
    status: 422,
    when: "there is no password",
    ask: ({ ada }) => ({ form: { username: ada.username } }),
    body: invalid("password", "is required")
  },
  {
    route,
    status: 422,
    when: "the username is empty",
    ask: () => ({ form: { username: "", password } }),
    body: invalid("username", "must not be empty")
  },
  {
    route,
    status: 422,
    when: "there is nothing",
    ask: () => ({ headers: { "content-type": "application/x-www-form-urlencoded" }, body: "" }),
    body: problem(422, "username is required; password is required", [
      { field: "username", message: "is required" },
      { field: "password", message: "is required" }
    ])
  },
  {
    route,
    status: 415,
    when: "it is JSON",
    ask: ({ ada }) => ({ json: { username: ada.username, password: ada.password } }),
    body: problem(415, "The request body must be application/x-www-form-urlencoded")
  }
])

const users: ReadonlyArray<Case> = [
  {
    route: "GET /api/v1/users/me",
    status: 200,
    when: "the account has a username alone",
    ask: ({ ada }) => ({ as: ada }),
    body: ({ as }) => account({ id: as?.id, username: as?.username, email: null })
  },
  {
    route: "GET /api/v1/users/me",
    status: 200,
    when: "the address has been verified",
    ask: async ({ api }) => ({ token: (await signUp(api)).token }),
    body: account({ is_verified: true })
  },
  {
    route: "PATCH /api/v1/users/me",
    status: 200,
    when: "the address is new: it is pending",
    ask: async ({ api }) => ({ token: (await signUp(api)).token, json: { email: freshEmail(api) } }),
    body: ({ json }) => account({ is_verified: true, pending_email: Object(json).email })
  },
  {
    route: "PATCH /api/v1/users/me",
    status: 200,
    when: "it names nothing",
    ask: ({ ada }) => ({ as: ada, json: {} }),
    body: account({ username: anyText, email: null })
  },
  {
    route: "PATCH /api/v1/users/me",
    status: 200,
    when: "it sends back what it has read",
    ask: async ({ api }) => {
      const { token } = await signUp(api)
      return { token, json: (await api.get("/api/v1/users/me", { token })).body }
    },
    body: ({ json }) => Object(json)
  },
  {
    route: "PATCH /api/v1/users/me",
    status: 409,
    when: "somebody has the address",
    ask: async ({ ada, api }) => ({ as: ada, json: { email: (await registerVerified(api)).email } }),
    body: emailTaken
  },
  {
    route: "PATCH /api/v1/users/me",
    status: 422,
    when: "the address is null",
    ask: ({ ada }) => ({ as: ada, json: { email: null } }),
    body: invalid("email", "must be a string")
  },
  {
    route: "PATCH /api/v1/users/me",
    status: 422,
    when: "a field is not known",
    ask: ({ ada }) => ({ as: ada, json: { password: "another one" } }),
    body: invalid("password", "is not a known field")
  },
  {
    route: "PATCH /api/v1/users/me",
    status: 400,
    when: "it is no JSON",
    ask: ({ ada }) => ({ as: ada, ...plain, body: "email" }),
    body: problem(400, "The request body is not valid JSON")
  },
  {
    route: "DELETE /api/v1/users/me",
    status: 204,
    when: "the password is right",
    ask: async ({ api }) => {
      const person = await signUp(api)
      return { token: person.token, json: { password: person.password } }
    },
    body: undefined
  },
  {
    route: "DELETE /api/v1/users/me",
    status: 422,
    when: "the password is wrong",
    ask: ({ ada }) => ({ as: ada, json: { password: "not this one" } }),
    body: invalid("password", "is not the password of this account")
  },
  {
    route: "DELETE /api/v1/users/me",
    status: 422,
    when: "there is no body",
    ask: ({ ada }) => ({ as: ada }),
    body: invalid("password", "is required")
  },
  ...["GET", "PATCH", "DELETE"].flatMap((method): ReadonlyArray<Case> => {
    const json = method === "GET" ? {} : { json: { email: 5 } }
    const route = `${method} /api/v1/users/me`
    return [
      { route, status: 401, when: "there is no token", ask: () => json, body: invalidToken },
      {
        route,
        status: 401,
        when: "it is a refresh token",
        ask: async ({ api }) => ({ token: (await signUp(api)).refreshToken, ...json }),
        body: invalidToken
      },
      {
        route,
        status: 401,
        when: "the account has gone",
        ask: async ({ api }) => {
          const person = await signUp(api)
          await api.delete("/api/v1/users/me", { token: person.token, json: { password: person.password } })
          return { token: person.token, ...json }
        },
        body: invalidToken
      }
    ]
  })
]

onEach("accounts of v1", (rookery) => {
  const { api } = rookery
  everyDocumentedStatus(rookery, documented, [...registration, ...verification, ...signingIn, ...users])

  describe("accounts", () => {
    it("are signed in by the curl commands of the document, right after they are registered", async () => {
      const [username, password] = [api.username(), api.password()]
      const registered = await api.post("/api/v1/auth/register", { username, email: freshEmail(api), password })
      assert.strictEqual(registered.status, 201, registered.text)
      const token = await signIn(api, username, password)
      const me = await api.get("/api/v1/users/me", { token: token.token })
      assert.deepStrictEqual(me.body, registered.body)
    })

    it("are sent a link for each address, whatever the dialect", async () => {
      const byClassic = freshEmail(api)
      await api.post("/register", { first_name: "A", last_name: "B", email: byClassic, password: api.password() })
      const token = await linkIn(api, byClassic, "verification")
      assert.strictEqual((await api.get(`/api/v1/auth/verify/${token}`)).status, 200)
    })

    it("keep their address until the new one is verified, and the old one is told", async () => {
      const person = await signUp(api)
      const wanted = freshEmail(api)
      const me = async () => (await api.get("/api/v1/users/me", { token: person.token })).body
      await api.request("PATCH", "/api/v1/users/me", { token: person.token, json: { email: wanted } })
      expect(await me()).toMatchObject({ email: person.email, pending_email: wanted, is_verified: true })
      await signIn(api, person.email, person.password)
      await api.get(`/api/v1/auth/verify/${await linkIn(api, wanted, "verification")}`)
      expect(await me()).toMatchObject({ email: wanted, pending_email: null, is_verified: true })
      await signIn(api, wanted, person.password)
      const old = await api.post("/api/v1/auth/login", undefined, {
        form: { username: person.email, password: person.password }
      })
      assert.strictEqual(old.status, 401)
      await expect.poll(async () => (await mailsTo(api, person.email))[0]?.subject).toMatch(/address was changed/)
    })

    it("take everything with them when they go", async () => {
      const person = await signUp(api)
      const { body } = await api.post("/api/v1/contacts", { first_name: "Ada" }, { token: person.token })
      const { id } = body as { readonly id: number }
      const gone = await api.delete("/api/v1/users/me", { token: person.token, json: { password: person.password } })
      assert.deepStrictEqual([gone.status, gone.text], [204, ""])
      const rows = await rookery.query(`SELECT id FROM contacts WHERE id = ${id}`)
      assert.deepStrictEqual(rows, [])
      await registerVerified(api, person.email)
    })
  })

  describe("what a link leads to", () => {
    const browser = {
      headers: { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8" }
    }

    it("is a page for a browser, which keeps the address to itself", async () => {
      const person = await register(api)
      const path = `/api/v1/auth/verify/${await linkIn(api, person.email, "verification")}`
      const page = await api.get(path, browser)
      assert.strictEqual(page.status, 200)
      assert.strictEqual(page.headers.get("content-type"), "text/html; charset=utf-8")
      assert.include(page.text, "<h1>Email verified</h1>")
      assert.include(page.text, "You can now log in.")
      assert.notInclude(page.text, path.slice(-20))
      for (const answer of [page, await api.get(path)]) {
        assert.strictEqual(answer.headers.get("cache-control"), "no-store")
        assert.strictEqual(answer.headers.get("referrer-policy"), "no-referrer")
        assert.strictEqual(answer.headers.get("vary"), "Accept")
      }
      assert.match(page.headers.get("content-security-policy") ?? "", /^default-src 'none'; style-src 'sha256-/)
      assert.strictEqual(page.headers.get("x-robots-tag"), "noindex")
      await signIn(api, person.email, person.password)
    })

    it("is a page also where it does not work", async () => {
      const page = await api.get("/api/v1/auth/verify/nonsense", browser)
      assert.strictEqual(page.status, 400)
      assert.strictEqual(page.headers.get("content-type"), "text/html; charset=utf-8")
      assert.include(page.text, '<p role="alert">Invalid or expired verification link.</p>')
      assert.strictEqual(page.headers.get("cache-control"), "no-store")
    })

    it("is sent again to who is still to be verified, and to nobody else", async () => {
      const unverified = await register(api)
      const verified = await registerVerified(api)
      const nobody = freshEmail(api)
      for (const person of [verified.email, nobody, unverified.email]) {
        await api.post("/api/v1/auth/verify/resend", { email: person })
      }
      const token = await linkIn(api, unverified.email, "verification", 2)
      assert.lengthOf(await mailsTo(api, verified.email), 1)
      assert.lengthOf(await mailsTo(api, nobody), 0)
      assert.strictEqual((await api.get(`/api/v1/auth/verify/${token}`)).status, 200)
    })

    it("answers no other method, and tells which it has", async () => {
      const answer = await api.post("/api/v1/auth/verify/x")
      assert.strictEqual(answer.status, 405)
      assert.deepStrictEqual(answer.body, problem(405, "Method not allowed"))
      assert.strictEqual(answer.headers.get("allow"), "GET, HEAD, OPTIONS")
      const nowhere = await api.get("/api/v1/auth/nowhere")
      assert.deepStrictEqual(nowhere.body, problem(404, "Not found"))
    })
  })

  it("keeps no answer with tokens in any cache", async () => {
    const user = await api.signUp()
    const form = { username: user.username, password: user.password }
    for (const path of ["/api/v1/auth/login", "/api/v1/auth/token"]) {
      const answer = await api.request("POST", path, { form })
      assert.strictEqual(answer.headers.get("cache-control"), "no-store", path)
    }
  })
})

onEach(
  "accounts of v1 without verification",
  ({ api }) => {
    it("are signed in by an address that nobody has verified, and use their contacts", async () => {
      const person = await register(api)
      const { token } = await signIn(api, person.email, person.password)
      assert.strictEqual((await api.get("/api/v1/contacts", { token })).status, 200)
      expect((await api.get("/api/v1/users/me", { token })).body).toMatchObject({ is_verified: false })
      await linkIn(api, person.email, "verification")
    })
  },
  { env: { EMAIL_VERIFICATION: "off" }, only: [embedded] }
)
