// What an application does with v1, by `openapi-fetch` and nothing but the types that `openapi-typescript` makes of the
// document. Its argument is the address of a server in development.
import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import createClient from "openapi-fetch"
import type { components, paths } from "./generated/schema.ts"
import { verificationToken } from "./VerificationMail.ts"

type Tokens = components["schemas"]["V1TokenPair"]
type Problem = components["schemas"]["V1Problem"]
/** Some routes have pages for browsers as well. */
type Json = `application/${string}json`

interface Answer<A> {
  readonly data?: A
  readonly error?: Problem
  readonly response: Response
}

/** What an operation promises with this status. */
const given = <A>(status: number, { data, error, response }: Answer<A>): A => {
  assert.equal(response.status, status, JSON.stringify(error))
  assert.ok(data !== undefined)
  return data
}

/** What is wrong, where something is to be. */
const refused = (status: number, { error, response }: Answer<unknown>): Problem => {
  assert.equal(response.status, status)
  assert.equal(error?.status, status)
  return error
}

const [, , url = ""] = process.argv
const email = `${randomUUID()}@example.com`
const password = `pw ${randomUUID()}`
const form = { "content-type": "application/x-www-form-urlencoded" }

let tokens: Tokens | undefined
const api = createClient<paths, Json>({ baseUrl: url })
api.use({
  onRequest: ({ request }) => {
    if (tokens !== undefined) request.headers.set("authorization", `Bearer ${tokens.access_token}`)
  }
})
const signIn = () => api.POST("/api/v1/auth/login", { body: { username: email, password }, headers: form })

const account = given(201, await api.POST("/api/v1/auth/register", { body: { email, password } }))
assert.deepEqual([account.email, account.is_verified, account.avatar_url], [email, false, null])
const taken = refused(409, await api.POST("/api/v1/auth/register", { body: { email, password } }))
assert.equal(taken.detail, "An account with this email already exists.")

assert.match(refused(403, await signIn()).detail, /not been verified/)
const token = await verificationToken(url, email)
const verified = await api.GET("/api/v1/auth/verify/{token}", { params: { path: { token } } })
assert.equal(given(200, verified).message, "Email verified. You can now log in.")
tokens = given(200, await signIn())
assert.equal(tokens.token_type, "bearer")
const me = given(200, await api.GET("/api/v1/users/me"))
assert.deepEqual([me.id, me.is_verified], [account.id, true])

const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
const birthday = `1992${tomorrow.slice(4, 10)}`
const add = () =>
  api.POST("/api/v1/contacts", {
    body: { first_name: "Ada", last_name: "Lovelace", email: "ada@example.com", birthday },
    params: { header: { "Idempotency-Key": email } }
  })
const added = await add()
const ada = given(201, added)
assert.equal(given(201, await add()).id, ada.id, "sent twice, added once")
given(201, await api.POST("/api/v1/contacts", { body: { first_name: "Charles" } }))
const wrong = refused(422, await api.POST("/api/v1/contacts", { body: { first_name: " ", phone: "12 34" } }))
assert.deepEqual(
  wrong.errors?.map(({ field }) => field),
  ["first_name", "phone"]
)

const search = await api.GET("/api/v1/contacts", { params: { query: { search: "OVELA", limit: 10 } } })
assert.deepEqual(given(200, search), [ada])
assert.equal(search.response.headers.get("x-total-count"), "1")
const [soon] = given(200, await api.GET("/api/v1/contacts/birthdays", { params: { query: { tz: "Etc/UTC" } } }))
assert.deepEqual([soon?.id, soon?.birthday], [ada.id, birthday])
// Midnight may have passed.
assert.ok(soon?.days_until === 1 || soon?.days_until === 0)

const path = { contact_id: ada.id }
const change = (phone: string) =>
  api.PATCH("/api/v1/contacts/{contact_id}", {
    params: { path, header: { "If-Match": added.response.headers.get("etag") ?? "" } },
    body: { phone, birthday: null }
  })
const changed = given(200, await change("+380509999999"))
assert.deepEqual([changed.phone, changed.birthday, changed.last_name], ["+380509999999", null, "Lovelace"])
refused(412, await change("+380500000000"))
assert.deepEqual(given(200, await api.GET("/api/v1/contacts/{contact_id}", { params: { path } })), changed)

const note = given(
  201,
  await api.POST("/api/v1/contacts/{contact_id}/notes", { params: { path }, body: { body: "A" } })
)
assert.equal(note.processing.status, "off")
const notePath = { ...path, note_id: note.id }
const rewritten = await api.PATCH("/api/v1/contacts/{contact_id}/notes/{note_id}", {
  params: { path: notePath },
  body: { note_text: "Ask about the engine" }
})
assert.equal(given(200, rewritten).body, "Ask about the engine")
const notes = given(200, await api.GET("/api/v1/contacts/{contact_id}/notes", { params: { path } }))
assert.deepEqual(notes, [rewritten.data])

const { refresh_token } = tokens
tokens = given(200, await api.POST("/api/v1/auth/refresh", { body: { refresh_token } }))
assert.notEqual(tokens.refresh_token, refresh_token)
const sessions = given(200, await api.GET("/api/v1/auth/sessions"))
assert.deepEqual(
  sessions.map(({ current, dialect }) => [current, dialect]),
  [[true, "v1"]]
)

const removed = await api.DELETE("/api/v1/contacts/{contact_id}", { params: { path } })
assert.equal(removed.response.status, 204)
refused(404, await api.GET("/api/v1/contacts/{contact_id}", { params: { path } }))
const left = await api.POST("/api/v1/auth/logout", { body: { refresh_token: tokens.refresh_token } })
assert.equal(left.response.status, 204)
refused(401, await api.GET("/api/v1/users/me"))
