import { Schema } from "effect"
import { assert } from "vitest"
import type { ApiClient, Answer, User } from "../support/ApiClient.ts"
import { problem } from "./DocumentedRoutes.ts"
import { register } from "./V1Accounts.ts"

const Identified = Schema.Struct({ id: Schema.Int })
const Token = Schema.Struct({ access_token: Schema.String })
const Contacts = Schema.Array(Schema.Struct({ id: Schema.Int, first_name: Schema.String }))

export const invalidToken = problem(401, "Invalid or missing access token")
export const notVerified = problem(
  403,
  "This e-mail address has not been verified yet: open the link in the mail that was sent to it"
)
export const unreadable = problem(400, "The request body is not valid JSON")
export const tooLarge = problem(413, "The request body is too large")
export const unsupported = problem(415, "The request body must be application/json")

/** A body that is longer than any may be. */
export const longBody = {
  body: JSON.stringify({ notes: "x".repeat(1024 * 1024) }),
  headers: { "content-type": "application/json" }
}
export const brokenBody = { body: '{"first_name": ', headers: { "content-type": "application/json" } }
export const otherType = { body: "first_name=Ada", headers: { "content-type": "text/plain" } }

/** The access token of somebody who has nothing but an address, which nobody has verified. */
export const unverifiedToken = async (api: ApiClient): Promise<string> => {
  const { email, password } = await register(api)
  const { body } = await api.post("/login", { email, password })
  return Schema.decodeUnknownSync(Token)(body).access_token
}

type Owner = Pick<User, "token">

/** The id of a new contact. */
export const addContact = async (api: ApiClient, { token }: Owner, fields: object = {}): Promise<number> => {
  const answer = await api.post("/api/v1/contacts", { first_name: "Ada", ...fields }, { token })
  assert.strictEqual(answer.status, 201, answer.text)
  return Schema.decodeUnknownSync(Identified)(answer.body).id
}

/** The id of a new note. */
export const addNote = async (api: ApiClient, { token }: Owner, contact: number, body = "A note"): Promise<number> => {
  const answer = await api.post(`/api/v1/contacts/${contact}/notes`, { body }, { token })
  assert.strictEqual(answer.status, 201, answer.text)
  return Schema.decodeUnknownSync(Identified)(answer.body).id
}

/** The first names in a list. */
export const namesIn = ({ body }: Answer): ReadonlyArray<string> =>
  Schema.decodeUnknownSync(Contacts)(body).map((contact) => contact.first_name)

/** Where the parts of a list are, by their relation to the one that was sent. */
export const linksIn = ({ headers }: Answer): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...(headers.get("link") ?? "").matchAll(/<([^<>]*)>; rel="(\w+)"/g)].map(([, target = "", rel = ""]) => [
      rel,
      target
    ])
  )
