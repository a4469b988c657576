// What an application does with v1, by the client that `@hey-api/openapi-ts` makes of the document, with all that the
// document says of bodies, parameters and tokens. Its argument is the address of a server in development.
import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { client } from "./generated/client.gen.ts"
import {
  addContact,
  addNote,
  changeContact,
  deleteAccount,
  getAccount,
  issueToken,
  listContactNotes,
  readContact,
  refreshTokens,
  registerAccount,
  searchContacts,
  showAvatar,
  signOut,
  uploadAvatar,
  verifyEmail
} from "./generated/sdk.gen.ts"
import type { V1Problem, V1TokenPair } from "./generated/types.gen.ts"
import { verificationToken } from "./VerificationMail.ts"

interface Answer<A> {
  readonly data: A | undefined
  readonly error: V1Problem | undefined
  readonly response?: Response
}

/** What an operation promises with this status. */
const given = <A>(status: number, { data, error, response }: Answer<A>): A => {
  assert.equal(response?.status, status, JSON.stringify(error))
  assert.ok(data !== undefined)
  return data
}

/** What is wrong, where something is to be. */
const refused = (status: number, { error, response }: Answer<unknown>): V1Problem => {
  assert.equal(response?.status, status)
  assert.equal(error?.status, status)
  return error
}

const [, , url = ""] = process.argv
const email = `${randomUUID()}@example.com`
const password = `pw ${randomUUID()}`
/** One pixel. */
const picture = "R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs="

let tokens: V1TokenPair | undefined
client.setConfig({ baseUrl: url, auth: () => tokens?.access_token })
const signIn = () => issueToken({ body: { username: email, password } })

const account = given(201, await registerAccount({ body: { email, password } }))
refused(409, await registerAccount({ body: { email, password } }))
refused(403, await signIn())
given(200, await verifyEmail({ path: { token: await verificationToken(url, email) } }))
tokens = given(200, await signIn())

const me = given(200, await uploadAvatar({ body: { file: new Blob([Buffer.from(picture, "base64")]) } }))
assert.deepEqual([me.id, me.is_verified], [account.id, true])
const [avatar_id = ""] = me.avatar_url?.split("/").slice(-1) ?? []
assert.equal(given(200, await showAvatar({ path: { avatar_id } })).type, "image/webp")
refused(422, await uploadAvatar({ body: { file: new Blob(["no picture"]) } }))

const added = await addContact({
  body: { first_name: "Ada", last_name: "Lovelace" },
  headers: { "Idempotency-Key": email }
})
const ada = given(201, added)
given(201, await addContact({ body: { first_name: "Charles" } }))
assert.deepEqual(given(200, await searchContacts({ query: { search: "love lace", limit: 5 } })), [])
assert.deepEqual(given(200, await searchContacts({ query: { search: "OVELA", limit: 5 } })), [ada])
const path = { contact_id: ada.id }
const etag = added.response?.headers.get("etag") ?? ""
const change = () =>
  changeContact({ path, headers: { "If-Match": etag }, body: { title: "Countess", last_name: null } })
const changed = given(200, await change())
assert.deepEqual([changed.title, changed.last_name], ["Countess", null])
refused(412, await change())
assert.deepEqual(given(200, await readContact({ path })), changed)

const note = given(201, await addNote({ path, body: { body: "Ask about the engine" } }))
assert.deepEqual(given(200, await listContactNotes({ path })), [note])

const { refresh_token } = tokens
tokens = given(200, await refreshTokens({ body: { refresh_token } }))
assert.notEqual(tokens.refresh_token, refresh_token)
assert.equal((await signOut()).response?.status, 204)
assert.equal(refused(401, await getAccount()).title, "Unauthorized")

tokens = given(200, await signIn())
const wrong = refused(422, await deleteAccount({ body: { password: "another" } }))
assert.equal(wrong.errors?.[0]?.field, "password")
assert.equal((await deleteAccount({ body: { password } })).response?.status, 204)
refused(401, await signIn())
