import { assert, expect, it } from "vitest"
import type { ApiClient, User } from "../support/ApiClient.ts"
import { anyId, anyToken, type Case, type Documented, everyDocumentedStatus, type World } from "./DocumentedRoutes.ts"
import { onEach } from "./Suites.ts"

/** The document names no status codes: these are the ones that `spec.md` gives its routes. */
const documented: Documented = {
  "POST /register": [201, 400, 409, 422],
  "POST /login": [200, 400, 401],
  "GET /logout": [200, 401],
  "POST /logout": [200, 401],
  "GET /contacts": [200, 401],
  "POST /contacts": [201, 400, 401, 422],
  "PUT /contacts/{id}": [200, 400, 401, 404, 422],
  "DELETE /contacts/{id}": [200, 401, 404]
}

const absent = 999_999_999

const person = (api: ApiClient) => ({
  first_name: "Chioma",
  last_name: "Okafor",
  email: `${api.username()}@example.com`,
  password: api.password()
})

const register = async (api: ApiClient) => {
  const registration = person(api)
  const answer = await api.post("/register", registration)
  assert.strictEqual(answer.status, 201, answer.text)
  return registration
}

const tokenOf = async (api: ApiClient, email: string, password: string): Promise<string> => {
  const { body } = await api.post("/login", { email, password })
  expect(body).toStrictEqual({ token: anyToken, access_token: anyToken, token_type: "bearer" })
  return (body as { readonly token: string }).token
}

/** Somebody who came in by this document's doors. */
const signedIn = async (api: ApiClient): Promise<string> => {
  const { email, password } = await register(api)
  return tokenOf(api, email, password)
}

const chioma = { name: "chioma", phone_number: "09068641485", email: "ghjhkj@gmail.com" }
const signedInAnswer = { token: anyToken, access_token: anyToken, token_type: "bearer" }
const loggedOut = { message: "Successfully logged out" }
const noToken = { error: "Invalid or missing token" }
const badEmail = { error: "email must be an e-mail address such as ada@example.com" }
const badPhone = { error: "phone_number must be 7 to 15 digits with an optional leading +" }

const registrations: ReadonlyArray<Case> = [
  {
    route: "POST /register",
    status: 201,
    when: "the address is free",
    ask: ({ api }) => ({ json: { ...person(api), email: `Mixed.Case+${api.username()}@Example.com` } }),
    body: ({ json }) => {
      const { email } = json as { readonly email: string }
      return { id: anyId, first_name: "Chioma", last_name: "Okafor", email }
    }
  },
  {
    route: "POST /register",
    status: 409,
    when: "somebody has the address",
    ask: async ({ api }) => ({ json: { ...person(api), email: (await register(api)).email } }),
    body: { error: "Email already registered" }
  },
  {
    route: "POST /register",
    status: 409,
    when: "somebody has it in other letters",
    ask: async ({ api }) => ({ json: { ...person(api), email: (await register(api)).email.toUpperCase() } }),
    body: { error: "Email already registered" }
  },
  ...["first_name", "last_name", "email", "password"].flatMap((field): ReadonlyArray<Case> => {
    const missing = { error: `${field.charAt(0).toUpperCase()}${field.slice(1)} is required` }
    const ofType = { error: `${field} must be a string` }
    const wrong = [
      ["is missing", undefined, missing],
      ["is empty", "", missing],
      ["is null", null, ofType],
      ["is a number", 7, ofType]
    ] as const
    return wrong.map(([what, value, body]) => ({
      route: "POST /register",
      status: 400,
      when: `${field} ${what}`,
      ask: ({ api }) => ({ json: { ...person(api), [field]: value } }),
      body
    }))
  }),
  {
    route: "POST /register",
    status: 400,
    when: "the first name is blank",
    ask: ({ api }) => ({ json: { ...person(api), first_name: "  " } }),
    body: { error: "First_name is required" }
  },
  {
    route: "POST /register",
    status: 400,
    when: "the password is short",
    ask: ({ api }) => ({ json: { ...person(api), password: "1234567" } }),
    body: { error: "password must be at least 8 characters" }
  },
  ...[
    "no-at-sign",
    "two@@example.com",
    "ada@localhost",
    "ada@example..com",
    "ada example@example.com",
    "@example.com"
  ].map((email) => ({
    route: "POST /register",
    status: 422,
    when: `the address is ${email}`,
    ask: ({ api }: World) => ({ json: { ...person(api), email } }),
    body: badEmail
  }))
]

const signIns: ReadonlyArray<Case> = [
  {
    route: "POST /login",
    status: 200,
    when: "e-mail address and password fit",
    ask: async ({ api }) => {
      const { email, password } = await register(api)
      return { json: { email, password } }
    },
    body: signedInAnswer
  },
  {
    route: "POST /login",
    status: 200,
    when: "the address is in other letters",
    ask: async ({ api }) => {
      const { email, password } = await register(api)
      return { json: { email: email.toUpperCase(), password } }
    },
    body: signedInAnswer
  },
  {
    route: "POST /login",
    status: 200,
    when: "`email` holds a username",
    ask: ({ ada }) => ({ json: { email: ada.username, password: ada.password } }),
    body: signedInAnswer
  },
  {
    route: "POST /login",
    status: 200,
    when: "it is the form of OAuth 2",
    ask: async ({ api }) => {
      const { email, password } = await register(api)
      return {
        form: { grant_type: "password", username: email, password, scope: "", client_id: "", client_secret: "" }
      }
    },
    body: signedInAnswer
  },
  {
    route: "POST /login",
    status: 200,
    when: "it is a form with a username",
    ask: ({ ada }) => ({ form: { username: ada.username, password: ada.password } }),
    body: signedInAnswer
  },
  {
    route: "POST /login",
    status: 200,
    when: "it is a form with `email`",
    ask: async ({ api }) => {
      const { email, password } = await register(api)
      return { form: { email, password } }
    },
    body: signedInAnswer
  },
  ...[
    ["the password is wrong", "chioma@example.com", "another password"],
    ["nobody has the address", "nobody@example.com", "another password"],
    ["it is no address at all", "nobody here", "another password"],
    ["the password is endless", "chioma@example.com", "x".repeat(100_000)]
  ].flatMap(([when = "", email = "", password = ""]): ReadonlyArray<Case> => [
    {
      route: "POST /login",
      status: 401,
      when,
      ask: () => ({ json: { email, password } }),
      body: { error: "Invalid credentials" }
    },
    {
      route: "POST /login",
      status: 401,
      when: `${when}, in a form`,
      ask: () => ({ form: { username: email, password } }),
      body: { error: "Invalid credentials" }
    }
  ]),
  ...[
    { json: { email: "", password: "x" } },
    { json: { email: "a@b.cd", password: "" } },
    { form: { password: "x" } }
  ].map((question) => ({
    route: "POST /login",
    status: 400,
    when: `the body is ${JSON.stringify(question)}`,
    ask: () => question,
    body: { error: "Missing email or password" }
  })),
  {
    route: "POST /login",
    status: 400,
    when: "there is no password",
    ask: () => ({ json: { email: "a@b.cd" } }),
    body: { error: "Password is required" }
  },
  ...["GET /logout", "POST /logout"].flatMap((route): ReadonlyArray<Case> => [
    {
      route,
      status: 200,
      when: "the token of /login is shown",
      ask: async ({ api }) => ({ token: await signedIn(api) }),
      body: loggedOut
    },
    {
      route,
      status: 200,
      when: "the token of /auth/login is shown",
      ask: async ({ api }) => ({ as: await api.signUp() }),
      body: loggedOut
    },
    { route, status: 401, when: "there is no token", ask: () => ({}), body: noToken },
    {
      route,
      status: 401,
      when: "the session has ended",
      ask: async ({ api }) => {
        const token = await signedIn(api)
        await api.get("/logout", { token })
        return { token }
      },
      body: noToken
    }
  ])
]

const shown = (owner: User | undefined) => ({ id: anyId, ...chioma, user_id: owner?.id })
const onContact = async ({ ada, api }: World) => ({ id: await api.contact(ada, chioma) })

const contacts: ReadonlyArray<Case> = [
  {
    route: "GET /contacts",
    status: 200,
    when: "there is one",
    ask: async ({ api }) => {
      const user = await api.signUp()
      await api.contact(user, chioma)
      return { as: user }
    },
    body: ({ as }) => [shown(as)]
  },
  { route: "GET /contacts", status: 401, when: "there is no token", ask: () => ({}), body: noToken },
  {
    route: "POST /contacts",
    status: 201,
    when: "it is the document's example",
    ask: ({ ada }) => ({ as: ada, json: chioma }),
    body: ({ as }) => shown(as)
  },
  {
    route: "POST /contacts",
    status: 400,
    when: "there is no name",
    ask: ({ ada }) => ({ as: ada, json: { phone_number: "09068641485" } }),
    body: { error: "Name is required" }
  },
  { route: "POST /contacts", status: 401, when: "there is no token", ask: () => ({ json: chioma }), body: noToken },
  ...["ghjhkj", "", " ", "a@b", "ada@example.com "].map((email) => ({
    route: "POST /contacts",
    status: 422,
    when: `the e-mail address is "${email}"`,
    ask: ({ ada }: World) => ({ as: ada, json: { ...chioma, email } }),
    body: badEmail
  })),
  ...[
    "123456",
    "1234567890123456",
    "+",
    "0906 864 1485",
    "(0906)8641485",
    "09068641485x",
    "++9068641485",
    "٠٩٠٦٨٦٤١٤٨٥",
    ""
  ].map((phone_number) => ({
    route: "POST /contacts",
    status: 422,
    when: `the phone number is "${phone_number}"`,
    ask: ({ ada }: World) => ({ as: ada, json: { ...chioma, phone_number } }),
    body: badPhone
  })),
  {
    route: "PUT /contacts/{id}",
    status: 200,
    when: "it is there",
    ask: async (world) => {
      const params = { id: await world.api.contact(world.ada, { name: "somebody" }) }
      return { as: world.ada, params, json: chioma }
    },
    body: ({ as, params }) => ({ ...shown(as), id: params?.id })
  },
  {
    route: "PUT /contacts/{id}",
    status: 400,
    when: "the name is null",
    ask: async (world) => ({ as: world.ada, params: await onContact(world), json: { name: null } }),
    body: { error: "name must be a string" }
  },
  {
    route: "PUT /contacts/{id}",
    status: 401,
    when: "there is no token",
    ask: async (world) => ({ params: await onContact(world), json: chioma }),
    body: noToken
  },
  {
    route: "PUT /contacts/{id}",
    status: 404,
    when: "it is somebody else's",
    ask: async (world) => ({ as: await world.api.signUp(), params: await onContact(world), json: chioma }),
    body: { error: "Contact not found" }
  },
  {
    route: "PUT /contacts/{id}",
    status: 422,
    when: "the e-mail address is malformed",
    ask: async (world) => ({ as: world.ada, params: await onContact(world), json: { email: "ghjhkj" } }),
    body: badEmail
  },
  {
    route: "PUT /contacts/{id}",
    status: 422,
    when: "the phone number is malformed",
    ask: async (world) => ({ as: world.ada, params: await onContact(world), json: { phone_number: "12" } }),
    body: badPhone
  },
  {
    route: "DELETE /contacts/{id}",
    status: 200,
    when: "it is there",
    ask: async (world) => ({ as: world.ada, params: await onContact(world) }),
    body: { message: "Contact deleted successfully" }
  },
  {
    route: "DELETE /contacts/{id}",
    status: 401,
    when: "there is no token",
    ask: async (world) => ({ params: await onContact(world) }),
    body: noToken
  },
  {
    route: "DELETE /contacts/{id}",
    status: 404,
    when: "there is none",
    ask: ({ ada }) => ({ as: ada, params: { id: absent } }),
    body: { error: "Contact not found" }
  }
]

onEach("contact-management-api.md", (rookery) => {
  everyDocumentedStatus(rookery, documented, [...registrations, ...signIns, ...contacts])

  it("says that a missing field comes before a malformed one", async () => {
    const answer = await rookery.api.post("/register", { email: "no-at-sign", password: "long enough" })
    assert.strictEqual(answer.status, 400)
    assert.deepStrictEqual(answer.body, { error: "First_name is required" })
  })

  it("opens the routes of one document with the tokens of the other", async () => {
    const { api } = rookery
    const [{ email, password }, byName] = await Promise.all([register(api), api.signUp()])
    const token = await tokenOf(api, email, password)
    // Its contacts, notes and sign-out are one and the same, whichever door was used.
    const contact = await api.contact({ token }, chioma)
    const note = await api.note({ token }, contact)
    assert.strictEqual((await api.get(`/contacts/${contact}/notes/${note}`, { token })).status, 200)
    const pair = await api.login(email, password)
    const listed = await api.get("/contacts/", { token: pair.access_token })
    expect(listed.body).toMatchObject([{ id: contact, ...chioma }])
    const there = await tokenOf(api, byName.username, byName.password)
    assert.strictEqual((await api.post("/contacts/", chioma, { token: there })).status, 201)
    assert.strictEqual((await api.post("/auth/logout", undefined, { token })).status, 200)
    assert.strictEqual((await api.get("/contacts", { token })).status, 401)
    assert.strictEqual((await api.get("/logout", { token: byName.token })).status, 200)
    assert.strictEqual((await api.get("/contacts", { token: byName.token })).status, 401)
    // Each sign-in was a session of its own.
    assert.strictEqual((await api.get("/contacts", { token: there })).status, 200)
    assert.strictEqual((await api.get("/contacts", { token: pair.access_token })).status, 200)
  })

  it("revokes the token by either verb", async () => {
    for (const method of ["GET", "POST"]) {
      const token = await signedIn(rookery.api)
      assert.strictEqual((await rookery.api.get("/contacts", { token })).status, 200)
      assert.deepStrictEqual((await rookery.api.request(method, "/logout", { token })).body, loggedOut)
      assert.strictEqual((await rookery.api.get("/contacts", { token })).status, 401)
      assert.strictEqual((await rookery.api.request(method, "/logout", { token })).status, 401)
    }
  })

  it("refreshes nothing with a token of /login", async () => {
    const token = await signedIn(rookery.api)
    const answer = await rookery.api.post("/auth/refresh", undefined, { token })
    assert.strictEqual(answer.status, 401)
    assert.deepStrictEqual(answer.body, { error: "Invalid token" })
  })
})
