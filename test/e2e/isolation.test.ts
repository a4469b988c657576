import { Schema } from "effect"
import { assert, beforeAll, describe, it } from "vitest"
import type { User } from "../support/ApiClient.ts"
import { call, problem } from "./DocumentedRoutes.ts"
import { onEach } from "./Suites.ts"

const wholeContact = { first_name: "C", last_name: null, email: null, phone: null, birthday: null, notes: null }

/** Every route with an id of what somebody has, and what it says where there is nothing. */
const routes = [
  ["GET /contacts/{contact_id}", undefined, "Contact not found"],
  ["PUT /contacts/{contact_id}", { name: "Changed" }, "Contact not found"],
  ["DELETE /contacts/{contact_id}", undefined, "Contact not found"],
  ["GET /contacts/{contact_id}/notes", undefined, "Contact not found"],
  ["POST /contacts/{contact_id}/notes", { body: "Changed" }, "Contact not found"],
  ["GET /contacts/{contact_id}/notes/{note_id}", undefined, "Note not found"],
  ["PUT /contacts/{contact_id}/notes/{note_id}", { body: "Changed" }, "Note not found"],
  ["DELETE /contacts/{contact_id}/notes/{note_id}", undefined, "Note not found"],
  ["GET /api/v1/contacts/{contact_id}", undefined, "Contact not found"],
  ["PUT /api/v1/contacts/{contact_id}", wholeContact, "Contact not found"],
  ["PATCH /api/v1/contacts/{contact_id}", { first_name: "Changed" }, "Contact not found"],
  ["DELETE /api/v1/contacts/{contact_id}", undefined, "Contact not found"],
  ["GET /api/v1/contacts/{contact_id}/notes", undefined, "Contact not found"],
  ["POST /api/v1/contacts/{contact_id}/notes", { body: "Changed" }, "Contact not found"],
  ["GET /api/v1/contacts/{contact_id}/notes/{note_id}", undefined, "Note not found"],
  ["PUT /api/v1/contacts/{contact_id}/notes/{note_id}", { body: "Changed" }, "Note not found"],
  ["PATCH /api/v1/contacts/{contact_id}/notes/{note_id}", { body: "Changed" }, "Note not found"],
  ["DELETE /api/v1/contacts/{contact_id}/notes/{note_id}", undefined, "Note not found"],
  ["POST /api/v1/contacts/{contact_id}/notes/{note_id}/resend", undefined, "Note not found"],
  ["DELETE /api/v1/auth/sessions/{session_id}", undefined, "Session not found"]
] as const

/** What these have in their path nobody guesses, and whoever has it may use it. */
const unguessable = ["GET /api/v1/auth/verify/{token}", "GET /api/v1/avatars/{avatar_id}"]

/** Between two people, and looked at where talk is: `talk-contacts`, `talk-messages` and `talk-media`. */
const betweenTwo = [
  "GET /api/contacts/{phone_number}",
  "GET /api/messages/{phone_number}",
  "GET /api/messages/media/{media_content_id}"
]

/** 409: there is nothing to send again. */
const found = [200, 201, 204, 409]

const SessionList = Schema.Array(Schema.Struct({ id: Schema.String, current: Schema.Boolean }))

type Belongings = Readonly<Record<"contact_id" | "note_id", number> & Record<"session_id", string>>

onEach("isolation", (rookery) => {
  const { api } = rookery
  let owner: User
  let stranger: User
  let theirs: Belongings
  let mine: Belongings

  const sessions = async ({ token }: User) =>
    Schema.decodeUnknownSync(SessionList)((await api.get("/api/v1/auth/sessions", { token })).body)
  const book = async (user: User): Promise<Belongings> => {
    await api.login(user.username, user.password)
    const session_id = (await sessions(user)).find((session) => !session.current)?.id ?? ""
    const contact_id = await api.contact(user, { name: "Ada", email: "ada@example.com", phone_number: "1234567" })
    return { contact_id, note_id: await api.note(user, contact_id, "Between us"), session_id }
  }
  const whole = async (user: User, { contact_id }: Belongings) => [
    (await api.get("/api/v1/contacts", user)).text,
    (await api.get(`/api/v1/contacts/${contact_id}/notes`, user)).text,
    (await sessions(user)).map(({ id }) => id)
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
    assert.sameMembers(withId, [...routes.map(([route]) => route), ...unguessable, ...betweenTwo])
  })

  describe.each(routes)("%s", (route, json, error) => {
    it("does not find somebody else's, says so as if there were none, and changes nothing", async () => {
      const before = [await whole(owner, theirs), await whole(stranger, mine), await rookery.counts()]
      const nothing = { contact_id: 99_999_999, note_id: 99_999_999, session_id: crypto.randomUUID() }
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
        assert.deepStrictEqual(answer.body, route.includes("/api/v1/") ? problem(404, error) : { error })
      }
      assert.deepStrictEqual([await whole(owner, theirs), await whole(stranger, mine), await rookery.counts()], before)
    })

    it("is found by its owner", async () => {
      const params = await book(owner)
      const answer = await call(api, route, { as: owner, params, ...(json === undefined ? {} : { json }) })
      assert.include(found, answer.status, answer.text)
    })
  })

  it("lists nobody else's contacts", async () => {
    const fresh = await api.signUp()
    for (const path of ["/contacts", "/api/v1/contacts", "/api/v1/contacts?search=ada", "/api/v1/contacts/birthdays"]) {
      assert.deepStrictEqual((await api.get(path, { token: fresh.token })).body, [], path)
    }
  })
})
