import { assert, it } from "vitest"
import type { Answer } from "../support/ApiClient.ts"
import { onEach } from "./Suites.ts"
import { addContact, invalidToken } from "./V1Contacts.ts"

const contacts = "/api/v1/contacts"
const classicInvalidToken = { error: "Invalid or missing token" }

const statusAndBody = ({ body, status }: Answer) => [status, body]

onEach("what was let in just before its account was deleted", (rookery) => {
  const { api } = rookery

  /** Somebody whose session is known to the server, which does not hear of the deletion. */
  const deleted = async (use: (token: string) => Promise<unknown>) => {
    const { id, token } = await api.signUp()
    await use(token)
    await rookery.query(`DELETE FROM accounts WHERE id = ${id}`)
    return token
  }

  it("is told on classic that its token is nobody's", async () => {
    const token = await deleted((known) => api.get("/contacts", { token: known }))
    const answer = await api.post("/contacts", { name: "Ada" }, { token })
    assert.deepStrictEqual(statusAndBody(answer), [401, classicInvalidToken])
  })

  it("is told on v1 that its token is nobody's, with a key and without", async () => {
    const token = await deleted((known) => addContact(api, { token: known }))
    for (const headers of [{}, { "idempotency-key": "key" }]) {
      const answer = await api.post(contacts, { first_name: "Ada" }, { token, headers })
      assert.deepStrictEqual(statusAndBody(answer), [401, invalidToken])
    }
  })

  it("is not asked on v1 to verify an address that it has no more", async () => {
    const token = await deleted((known) => api.get("/contacts", { token: known }))
    assert.deepStrictEqual(statusAndBody(await api.get(contacts, { token })), [401, invalidToken])
  })
})
