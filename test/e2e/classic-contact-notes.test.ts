import { assert, describe, expect, it } from "vitest"
import type { User } from "../support/ApiClient.ts"
import {
  anyId,
  anyTime,
  anyToken,
  call,
  type Case,
  type Documented,
  everyDocumentedStatus,
  type World
} from "./DocumentedRoutes.ts"
import { onEach } from "./Suites.ts"

/** Every status code of the document. 429 is in rate-limits.test.ts, 500 in running.test.ts. */
const documented: Documented = {
  "POST /auth/register": [201, 400, 409],
  "POST /auth/login": [200, 401],
  "POST /auth/refresh": [200, 401],
  "POST /auth/logout": [200, 401],
  "POST /contacts": [201, 400, 401],
  "GET /contacts": [200, 401],
  "GET /contacts/{contact_id}": [200, 401, 404],
  "PUT /contacts/{contact_id}": [200, 401, 404],
  "DELETE /contacts/{contact_id}": [200, 401, 404],
  "POST /contacts/{contact_id}/notes": [201, 400, 401, 404],
  "GET /contacts/{contact_id}/notes": [200, 401, 404],
  "GET /contacts/{contact_id}/notes/{note_id}": [200, 401, 404],
  "PUT /contacts/{contact_id}/notes/{note_id}": [200, 400, 401, 404],
  "DELETE /contacts/{contact_id}/notes/{note_id}": [200, 401, 404]
}

const isProtected = (route: string) => route.includes(" /contacts")

const absent = 999_999_999
const bodyOf = (route: string) =>
  route.includes("{note_id}") || route.startsWith("POST /contacts/") ? { body: "Call back" } : { name: "Grace Hopper" }
const withBody = (route: string) => (/^(POST|PUT)/.test(route) ? { json: bodyOf(route) } : {})

const named = (owner: User | undefined, name: string, email: string | null = null) => ({
  id: anyId,
  name,
  email,
  phone_number: null,
  user_id: owner?.id
})

const onContact = async ({ ada, api }: World) => ({ contact_id: await api.contact(ada, { name: "Ada Lovelace" }) })
const onNote = async ({ ada, api }: World) => {
  const contact_id = await api.contact(ada)
  return { contact_id, note_id: await api.note(ada, contact_id, "The first program") }
}

const accounts: ReadonlyArray<Case> = [
  {
    route: "POST /auth/register",
    status: 201,
    when: "the username is free",
    ask: ({ api }) => ({ json: { username: api.username(), password: api.password() } }),
    body: { message: "User created successfully", user_id: anyId }
  },
  ...[
    ["there is no username", { password: "long enough" }, "Missing username or password"],
    ["there is no password", { username: "somebody" }, "Missing username or password"],
    ["there is neither", {}, "Missing username or password"],
    ["the username is null", { username: null, password: "long enough" }, "Missing username or password"],
    ["the username is empty", { username: "", password: "long enough" }, "Missing username or password"],
    ["the username is blank", { username: "  ", password: "long enough" }, "Missing username or password"],
    ["the password is empty", { username: "somebody", password: "" }, "Missing username or password"],
    ["the password is a number", { username: "somebody", password: 12345678 }, "Missing username or password"],
    [
      "the username would pass for an e-mail address",
      { username: "ada@example.com", password: "long enough" },
      "username must be 2 to 64 letters, digits, dots, underscores or hyphens"
    ],
    ["the password is short", { username: "somebody", password: "1234567" }, "password must be at least 8 characters"],
    [
      "the password is too long",
      { username: "somebody", password: "é".repeat(513) },
      "password must be at most 1024 bytes"
    ]
  ].map(([when, json, error]) => ({
    route: "POST /auth/register",
    status: 400,
    when: String(when),
    ask: () => ({ json }),
    body: { error }
  })),
  {
    route: "POST /auth/register",
    status: 409,
    when: "somebody has the username",
    ask: ({ ada, api }) => ({ json: { username: ada.username, password: api.password() } }),
    body: { error: "Username already exists" }
  },
  {
    route: "POST /auth/register",
    status: 409,
    when: "somebody has it in other letters",
    ask: ({ ada, api }) => ({ json: { username: ada.username.toUpperCase(), password: api.password() } }),
    body: { error: "Username already exists" }
  },
  {
    route: "POST /auth/login",
    status: 200,
    when: "username and password fit",
    ask: ({ ada: { password, username } }) => ({ json: { username, password } }),
    body: { access_token: anyToken, refresh_token: anyToken }
  },
  {
    route: "POST /auth/login",
    status: 401,
    when: "the password is wrong",
    ask: ({ ada: { username } }) => ({ json: { username, password: "another password" } }),
    body: { error: "Invalid credentials" }
  },
  {
    route: "POST /auth/login",
    status: 401,
    when: "nobody has that name",
    ask: () => ({ json: { username: "nobody.here", password: "another password" } }),
    body: { error: "Invalid credentials" }
  },
  {
    route: "POST /auth/login",
    status: 400,
    when: "there is no password",
    ask: ({ ada: { username } }) => ({ json: { username } }),
    body: { error: "Missing username or password" }
  },
  {
    route: "POST /auth/refresh",
    status: 200,
    when: "the refresh token is shown",
    ask: ({ ada }) => ({ token: ada.refreshToken }),
    body: { access_token: anyToken }
  },
  {
    route: "POST /auth/refresh",
    status: 401,
    when: "the access token is shown",
    ask: ({ ada }) => ({ as: ada }),
    body: { error: "Invalid token" }
  },
  {
    route: "POST /auth/refresh",
    status: 401,
    when: "the session has ended",
    ask: async ({ api }) => {
      const { refreshToken, token } = await api.signUp()
      await api.post("/auth/logout", undefined, { token })
      return { token: refreshToken }
    },
    body: { error: "Invalid token" }
  },
  {
    route: "POST /auth/logout",
    status: 200,
    when: "the access token is shown",
    ask: async ({ api }) => ({ as: await api.signUp() }),
    body: { message: "Successfully logged out" }
  },
  {
    route: "POST /auth/logout",
    status: 200,
    when: "the refresh token is shown",
    ask: async ({ api }) => ({ token: (await api.signUp()).refreshToken }),
    body: { message: "Successfully logged out" }
  },
  {
    route: "POST /auth/logout",
    status: 401,
    when: "there is no token",
    ask: () => ({}),
    body: { error: "Invalid or missing token" }
  },
  {
    route: "POST /auth/logout",
    status: 401,
    when: "the session has ended before",
    ask: async ({ api }) => {
      const user = await api.signUp()
      await api.post("/auth/logout", undefined, { token: user.token })
      return { as: user }
    },
    body: { error: "Invalid or missing token" }
  }
]

const contacts: ReadonlyArray<Case> = [
  {
    route: "POST /contacts",
    status: 201,
    when: "there are a name and an e-mail address",
    ask: ({ ada }) => ({ as: ada, json: { name: "Ada Lovelace", email: "ada@example.com" } }),
    body: ({ as }) => named(as, "Ada Lovelace", "ada@example.com")
  },
  {
    route: "POST /contacts",
    status: 201,
    when: "there is a name alone",
    ask: ({ ada }) => ({ as: ada, json: { name: "Ada" } }),
    body: ({ as }) => named(as, "Ada")
  },
  ...[{ email: "ada@example.com" }, { name: "" }, { name: "   " }, { name: "\t\n" }].map((json) => ({
    route: "POST /contacts",
    status: 400,
    when: `the body is ${JSON.stringify(json)}`,
    ask: ({ ada }: World) => ({ as: ada, json }),
    body: { error: "Name is required" }
  })),
  {
    route: "GET /contacts",
    status: 200,
    when: "there are none",
    ask: async ({ api }) => ({ as: await api.signUp() }),
    body: []
  },
  {
    route: "GET /contacts",
    status: 200,
    when: "there are some, and others of somebody else",
    ask: async ({ ada, api }) => {
      const user = await api.signUp()
      await api.contact(user, { name: "One" })
      await api.contact(ada, { name: "Another's" })
      await api.contact(user, { name: "Two", email: "two@example.com" })
      return { as: user }
    },
    body: ({ as }) => [named(as, "One"), named(as, "Two", "two@example.com")]
  },
  {
    route: "GET /contacts/{contact_id}",
    status: 200,
    when: "it is there",
    ask: async (world) => ({ as: world.ada, params: await onContact(world) }),
    body: ({ as, params }) => ({ ...named(as, "Ada Lovelace"), id: params?.contact_id })
  },
  {
    route: "PUT /contacts/{contact_id}",
    status: 200,
    when: "it is there",
    ask: async (world) => ({
      as: world.ada,
      params: await onContact(world),
      json: { name: "Grace Hopper", email: "grace@example.com" }
    }),
    body: ({ as, params }) => ({ ...named(as, "Grace Hopper", "grace@example.com"), id: params?.contact_id })
  },
  {
    route: "PUT /contacts/{contact_id}",
    status: 400,
    when: "the name is blank",
    ask: async (world) => ({ as: world.ada, params: await onContact(world), json: { name: " " } }),
    body: { error: "Name is required" }
  },
  {
    route: "DELETE /contacts/{contact_id}",
    status: 200,
    when: "it is there",
    ask: async (world) => ({ as: world.ada, params: await onContact(world) }),
    body: { message: "Contact deleted successfully" }
  }
]

const written = (body: string) => ({ id: anyId, body, created_at: anyTime })
const noteTexts = [{ body: "Call back" }, { note_body: "Call back" }, { note_text: "Call back" }]
const missingTexts = [{}, { body: "" }, { note_body: "  " }, { note_text: "\n" }, { body: null }, { body: 7 }]

const notes: ReadonlyArray<Case> = [
  ...noteTexts.flatMap((json): ReadonlyArray<Case> => [
    {
      route: "POST /contacts/{contact_id}/notes",
      status: 201,
      when: `the body is ${JSON.stringify(json)}`,
      ask: async (world) => ({ as: world.ada, params: await onContact(world), json }),
      body: written("Call back")
    },
    {
      route: "PUT /contacts/{contact_id}/notes/{note_id}",
      status: 200,
      when: `the body is ${JSON.stringify(json)}`,
      ask: async (world) => ({ as: world.ada, params: await onNote(world), json }),
      body: ({ params }) => ({ ...written("Call back"), id: params?.note_id })
    }
  ]),
  ...missingTexts.flatMap((json): ReadonlyArray<Case> => [
    {
      route: "POST /contacts/{contact_id}/notes",
      status: 400,
      when: `the body is ${JSON.stringify(json)}`,
      ask: async (world) => ({ as: world.ada, params: await onContact(world), json }),
      body: { error: "Note content is required" }
    },
    {
      route: "PUT /contacts/{contact_id}/notes/{note_id}",
      status: 400,
      when: `the body is ${JSON.stringify(json)}`,
      ask: async (world) => ({ as: world.ada, params: await onNote(world), json }),
      body: { error: "Note body is required" }
    }
  ]),
  {
    route: "GET /contacts/{contact_id}/notes",
    status: 200,
    when: "there are none",
    ask: async (world) => ({ as: world.ada, params: await onContact(world) }),
    body: []
  },
  {
    route: "GET /contacts/{contact_id}/notes",
    status: 200,
    when: "there are some",
    ask: async (world) => {
      const params = await onNote(world)
      await world.api.note(world.ada, params.contact_id, "The second")
      return { as: world.ada, params }
    },
    body: [written("The first program"), written("The second")]
  },
  {
    route: "GET /contacts/{contact_id}/notes/{note_id}",
    status: 200,
    when: "it is there",
    ask: async (world) => ({ as: world.ada, params: await onNote(world) }),
    body: ({ params }) => ({ ...written("The first program"), id: params?.note_id })
  },
  {
    route: "GET /contacts/{contact_id}/notes/{note_id}",
    status: 404,
    when: "the note is of another contact",
    ask: async (world) => {
      const { note_id } = await onNote(world)
      return { as: world.ada, params: { contact_id: await world.api.contact(world.ada), note_id } }
    },
    body: { error: "Note not found" }
  },
  {
    route: "DELETE /contacts/{contact_id}/notes/{note_id}",
    status: 200,
    when: "it is there",
    ask: async (world) => ({ as: world.ada, params: await onNote(world) }),
    body: { message: "Note deleted successfully" }
  }
]

/** Both are alike on every route that takes an access token, or an id. */
const everywhere = Object.keys(documented)
  .filter(isProtected)
  .flatMap((route): ReadonlyArray<Case> => {
    const params = { contact_id: absent, note_id: absent }
    const unauthorized: Case = {
      route,
      status: 401,
      when: "there is no token",
      ask: () => ({ params, ...withBody(route) }),
      body: { error: "Invalid or missing token" }
    }
    if (!route.includes("{")) return [unauthorized]
    const what = route.includes("{note_id}") ? "Note" : "Contact"
    const notFound: Case = {
      route,
      status: 404,
      when: "nothing has that id",
      ask: ({ ada }) => ({ as: ada, params, ...withBody(route) }),
      body: { error: `${what} not found` }
    }
    return [unauthorized, notFound]
  })

onEach("contact-notes-api.md", (rookery) => {
  everyDocumentedStatus(rookery, documented, [...accounts, ...contacts, ...notes, ...everywhere])

  describe("tokens", () => {
    const protectedRoutes = Object.keys(documented).filter(isProtected)
    const ask = async (authorization: string | undefined) => {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
      const answers = protectedRoutes.map((route) =>
        call(rookery.api, route, { params: { contact_id: 1, note_id: 1 }, headers, ...withBody(route) })
      )
      return Promise.all(answers)
    }

    it("are read after a doubled Bearer, in any case, as one", async () => {
      const { token } = await rookery.api.signUp()
      for (const authorization of [
        `Bearer Bearer ${token}`,
        `bearer ${token}`,
        `BEARER bearer  ${token}`,
        `Bearer  ${token}`
      ]) {
        const answer = await rookery.api.get("/contacts", { headers: { authorization } })
        assert.strictEqual(answer.status, 200, authorization.slice(0, 20))
      }
    })

    it("are read after a doubled Bearer where they are refreshed and ended", async () => {
      const { refreshToken, token } = await rookery.api.signUp()
      const shown = (shownToken: string) => ({ headers: { authorization: `Bearer Bearer ${shownToken}` } })
      assert.strictEqual((await rookery.api.post("/auth/refresh", undefined, shown(refreshToken))).status, 200)
      assert.strictEqual((await rookery.api.post("/auth/logout", undefined, shown(token))).status, 200)
    })

    it("open nothing when they are missing, broken or of another kind", async () => {
      const { refreshToken, token } = await rookery.api.signUp()
      const shown = [
        undefined,
        "",
        "Bearer",
        "Bearer ",
        "Bearer Bearer",
        "Bearer null",
        "Bearer a.b.c",
        `Basic ${Buffer.from("ada:password").toString("base64")}`,
        token,
        `Token ${token}`,
        `Bearer ${token}x`,
        `Bearer ${token} ${token}`,
        `Bearer ${token.slice(0, -3)}`,
        `Bearer ${refreshToken}`,
        `Bearer ${"x".repeat(8000)}`
      ]
      for (const authorization of shown) {
        for (const answer of await ask(authorization)) {
          assert.strictEqual(answer.status, 401, authorization?.slice(0, 24))
          assert.deepStrictEqual(answer.body, { error: "Invalid or missing token" })
        }
      }
    })
  })

  it("answers HEAD as GET, without a body", async () => {
    const user = await rookery.api.signUp()
    const contact = await rookery.api.contact(user)
    const note = await rookery.api.note(user, contact)
    for (const path of [
      "/contacts",
      `/contacts/${contact}`,
      `/contacts/${contact}/notes/${note}`,
      "/contacts/999999"
    ]) {
      const got = await rookery.api.get(path, { token: user.token })
      const head = await rookery.api.request("HEAD", path, { token: user.token })
      assert.strictEqual(head.status, got.status, path)
      assert.strictEqual(head.text, "")
      assert.strictEqual(head.headers.get("content-type"), got.headers.get("content-type"))
      assert.strictEqual(head.headers.get("content-length"), got.headers.get("content-length"))
    }
    assert.strictEqual((await rookery.api.request("HEAD", "/contacts")).status, 401)
  })

  it("says which methods a path has", async () => {
    for (const [method, path, allow] of [
      ["DELETE", "/contacts", "GET, POST, HEAD, OPTIONS"],
      ["PATCH", "/contacts/1", "GET, PUT, DELETE, HEAD, OPTIONS"],
      ["GET", "/auth/login", "POST, OPTIONS"],
      ["POST", "/contacts/1/notes/1/", "GET, PUT, DELETE, HEAD, OPTIONS"]
    ] as const) {
      const answer = await rookery.api.request(method, path)
      assert.strictEqual(answer.status, 405, `${method} ${path}`)
      assert.deepStrictEqual(answer.body, { error: "Method not allowed" })
      assert.strictEqual(answer.headers.get("allow"), allow)
    }
    const options = await rookery.api.request("OPTIONS", "/contacts")
    assert.strictEqual(options.status, 204)
    assert.strictEqual(options.headers.get("allow"), "GET, POST, HEAD, OPTIONS")
  })

  it("answers 404 in the dialect of the path where there is nothing", async () => {
    for (const path of ["/nothing", "/contacts/1/nothing", "/Contacts", "/auth", "/auth/register/x"]) {
      const answer = await rookery.api.get(path)
      assert.strictEqual(answer.status, 404, path)
      assert.deepStrictEqual(answer.body, { error: "Not found" })
    }
    assert.deepStrictEqual((await rookery.api.get("/api/nothing")).body, { success: false, message: "Not found" })
    const v1 = await rookery.api.get("/api/v1/nothing")
    assert.strictEqual(v1.headers.get("content-type"), "application/problem+json")
    assert.deepStrictEqual(v1.body, { type: "about:blank", title: "Not Found", status: 404, detail: "Not found" })
  })

  it("keeps what a client wrote, and forgets what it deleted", async () => {
    const user = await rookery.api.signUp()
    const { token } = user
    const contact = await rookery.api.contact(user, { name: "Ada", email: "ada@example.com" })
    const note = await rookery.api.note(user, contact, "  Zwölf\n\tBoxkämpfer 🥊 ")
    const path = `/contacts/${contact}/notes/${note}`
    const read = await rookery.api.get(path, { token })
    expect(read.body).toStrictEqual({ id: note, body: "  Zwölf\n\tBoxkämpfer 🥊 ", created_at: anyTime })
    assert.deepStrictEqual((await rookery.api.put(path, { note_text: "Neu" }, { token })).body, {
      ...(read.body as object),
      body: "Neu"
    })
    assert.strictEqual((await rookery.api.delete(`/contacts/${contact}`, { token })).status, 200)
    for (const gone of [`/contacts/${contact}`, `/contacts/${contact}/notes`, path]) {
      assert.strictEqual((await rookery.api.get(gone, { token })).status, 404)
      assert.strictEqual((await rookery.api.delete(gone.replace(/\/notes$/, ""), { token })).status, 404)
    }
  })

  it("takes body before note_body before note_text, and what it reads back", async () => {
    const user = await rookery.api.signUp()
    const contact = await rookery.api.contact(user)
    const write = async (json: object) =>
      (await rookery.api.post(`/contacts/${contact}/notes`, json, { token: user.token })).body
    expect(await write({ body: "1", note_body: "2", note_text: "3" })).toStrictEqual(written("1"))
    expect(await write({ note_text: "3", note_body: "2" })).toStrictEqual(written("2"))
    expect(await write({ body: null, note_body: null, note_text: "3" })).toStrictEqual(written("3"))
    expect(await write({ body: "", note_body: "2" })).toStrictEqual({ error: "Note content is required" })
    expect(await write({ id: 7, body: "again", created_at: "2020-01-01" })).toStrictEqual(written("again"))
  })
})
