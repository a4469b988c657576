import { assert, beforeAll, describe, it } from "vitest"
import type { User } from "../support/ApiClient.ts"
import { call } from "./DocumentedRoutes.ts"
import { onEach } from "./Suites.ts"

/** Every route with an id, and what it says where there is nothing. */
const routes = [
  ["GET /contacts/{contact_id}", undefined, "Contact not found"],
  ["PUT /contacts/{contact_id}", { name: "Changed" }, "Contact not found"],
  ["DELETE /contacts/{contact_id}", undefined, "Contact not found"],
  ["GET /contacts/{contact_id}/notes", undefined, "Contact not found"],
  ["POST /contacts/{contact_id}/notes", { body: "Changed" }, "Contact not found"],
  ["GET /contacts/{contact_id}/notes/{note_id}", undefined, "Note not found"],
  ["PUT /contacts/{contact_id}/notes/{note_id}", { body: "Changed" }, "Note not found"],
  ["DELETE /contacts/{contact_id}/notes/{note_id}", undefined, "Note not found"]
] as const

onEach("isolation", (rookery) => {
  const { api } = rookery
  let owner: User
  let stranger: User
  let theirs: { readonly contact_id: number; readonly note_id: number }
  let mine: { readonly contact_id: number; readonly note_id: number }

  const book = async (user: User) => {
    const contact_id = await api.contact(user, { name: "Ada", email: "ada@example.com", phone_number: "1234567" })
    return { contact_id, note_id: await api.note(user, contact_id, "Between us") }
  }
  const whole = async ({ token }: User, { contact_id }: { readonly contact_id: number }) => [
    (await api.get("/contacts", { token })).text,
    (await api.get(`/contacts/${contact_id}/notes`, { token })).text
  ]

  beforeAll(async () => {
    owner = await api.signUp()
    stranger = await api.signUp()
    theirs = await book(owner)
    mine = await book(stranger)
  })

  it("is looked at on every route that the document gives an id", async () => {
    const { paths } = (await api.get("/openapi.json")).body as {
      readonly paths: Record<string, Record<string, object>>
    }
    const withId = Object.entries(paths)
      .filter(([path]) => path.includes("{"))
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
    assert.sameMembers(
      withId,
      routes.map(([route]) => route)
    )
  })

  describe.each(routes)("%s", (route, json, error) => {
    it("does not find somebody else's, says so as if there were none, and changes nothing", async () => {
      const before = [await whole(owner, theirs), await whole(stranger, mine), await rookery.counts()]
      const nothing = { contact_id: 99_999_999, note_id: 99_999_999 }
      const strange = route.includes("{note_id}")
        ? [
            theirs,
            nothing,
            { ...mine, note_id: theirs.note_id },
            { ...theirs, note_id: mine.note_id },
            { ...nothing, note_id: theirs.note_id }
          ]
        : [theirs, nothing]
      for (const params of strange) {
        const answer = await call(api, route, { as: stranger, params, ...(json === undefined ? {} : { json }) })
        assert.strictEqual(answer.status, 404, JSON.stringify(params))
        assert.deepStrictEqual(answer.body, { error })
      }
      assert.deepStrictEqual([await whole(owner, theirs), await whole(stranger, mine), await rookery.counts()], before)
    })

    it("is found by its owner", async () => {
      const params = await book(owner)
      const answer = await call(api, route, { as: owner, params, ...(json === undefined ? {} : { json }) })
      assert.include([200, 201], answer.status, answer.text)
    })
  })

  it("lists nobody else's contacts", async () => {
    const fresh = await api.signUp()
    assert.deepStrictEqual((await api.get("/contacts", { token: fresh.token })).body, [])
  })
})
