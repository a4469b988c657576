import { Effect } from "effect"
import { assert, describe, expect, it } from "vitest"
import {
  anyId,
  anyTime,
  type Case,
  type Documented,
  everyDocumentedStatus,
  invalid,
  problem
} from "./DocumentedRoutes.ts"
import { eventually } from "./Eventually.ts"
import { type NoteUpstream, noteUpstream } from "./NoteUpstream.ts"
import { embedded, type Environment, onEach, server } from "./Suites.ts"
import {
  addContact,
  addNote,
  brokenBody,
  invalidToken,
  linksIn,
  longBody,
  notVerified,
  otherType,
  tooLarge,
  unreadable,
  unsupported,
  unverifiedToken
} from "./V1Contacts.ts"

const list = "GET /api/v1/contacts/{contact_id}/notes"
const add = "POST /api/v1/contacts/{contact_id}/notes"
const read = "GET /api/v1/contacts/{contact_id}/notes/{note_id}"
const replace = "PUT /api/v1/contacts/{contact_id}/notes/{note_id}"
const change = "PATCH /api/v1/contacts/{contact_id}/notes/{note_id}"
const remove = "DELETE /api/v1/contacts/{contact_id}/notes/{note_id}"
const resend = "POST /api/v1/contacts/{contact_id}/notes/{note_id}/resend"

const documented: Documented = {
  [list]: [200, 401, 403, 404, 422],
  [add]: [201, 400, 401, 403, 404, 413, 415, 422],
  [read]: [200, 401, 403, 404, 422],
  [replace]: [200, 400, 401, 403, 404, 413, 415, 422],
  [change]: [200, 400, 401, 403, 404, 413, 415, 422],
  [remove]: [204, 401, 403, 404, 422],
  [resend]: [401, 403, 404, 409, 422]
}

const off = { status: "off", attempts: 0, last_error: null, processed_at: null }
const noteOf = (body: string) => ({
  id: anyId,
  contact_id: anyId,
  body,
  created_at: anyTime,
  updated_at: anyTime,
  processing: off
})
const writes = [add, replace, change]
const contactNotFound = problem(404, "Contact not found")
const noteNotFound = problem(404, "Note not found")

const writing: ReadonlyArray<Case> = writes.flatMap((route): ReadonlyArray<Case> => {
  const status = route === add ? 201 : 200
  const ask =
    (json: unknown): Case["ask"] =>
    async ({ ada, api }) => {
      const contact_id = await addContact(api, ada)
      return { as: ada, params: { contact_id, note_id: await addNote(api, ada, contact_id, "before") }, json }
    }
  const taken: ReadonlyArray<readonly [json: object, body: string]> = [
    [{ body: "As body" }, "As body"],
    [{ note_body: "As note_body" }, "As note_body"],
    [{ note_text: "As note_text" }, "As note_text"],
    [{ body: "1", note_body: "2", note_text: "3" }, "1"],
    [{ note_text: "3", note_body: "2" }, "2"],
    [{ body: null, note_body: null, note_text: "3" }, "3"],
    [{ body: "  Zwölf\n\tBoxkämpfer 🥊 " }, "  Zwölf\n\tBoxkämpfer 🥊 "],
    [{ body: "again", id: 7, contact_id: "x", created_at: 0, updated_at: null, processing: {} }, "again"]
  ]
  const refused: ReadonlyArray<readonly [json: object, field: string, message: string]> = [
    [{}, "body", "is required"],
    [{ body: null }, "body", "is required"],
    [{ note_text: null }, "body", "is required"],
    [{ body: "" }, "body", "must not be blank"],
    [{ body: "", note_body: "2" }, "body", "must not be blank"],
    [{ note_body: " \n " }, "note_body", "must not be blank"],
    [{ note_text: 7 }, "note_text", "must be a string"],
    [{ body: ["a"] }, "body", "must be a string"],
    [{ body: { text: "a" } }, "body", "must be a string"],
    [{ body: "x".repeat(100_001) }, "body", "must be at most 100000 characters"],
    [{ body: "\u0000" }, "body", "must be well-formed text without NUL characters"],
    [{ text: "a" }, "text", "is not a known field"]
  ]
  return [
    ...taken.map(([json, body]): Case => ({
      route,
      status,
      when: `it is ${JSON.stringify(json)}`,
      ask: ask(json),
      body: noteOf(body)
    })),
    ...refused.map(([json, field, message]): Case => ({
      route,
      status: 422,
      when: `it is ${JSON.stringify(json).slice(0, 40)}`,
      ask: ask(json),
      body: invalid(field, message)
    })),
    {
      route,
      status: 400,
      when: "the body is no JSON",
      ask: async (world) => ({ ...(await ask(undefined)(world)), ...brokenBody }),
      body: unreadable
    },
    {
      route,
      status: 413,
      when: "the body is longer than a mebibyte",
      ask: async (world) => ({ ...(await ask(undefined)(world)), ...longBody }),
      body: tooLarge
    },
    {
      route,
      status: 415,
      when: "the body is of another type",
      ask: async (world) => ({ ...(await ask(undefined)(world)), ...otherType }),
      body: unsupported
    }
  ]
})

const reading: ReadonlyArray<Case> = [
  {
    route: list,
    status: 200,
    when: "there are some",
    ask: async ({ ada, api }) => {
      const contact_id = await addContact(api, ada)
      await addNote(api, ada, contact_id, "One")
      await addNote(api, ada, contact_id, "Two")
      await addNote(api, ada, await addContact(api, ada), "Another's")
      return { as: ada, params: { contact_id } }
    },
    body: [noteOf("One"), noteOf("Two")]
  },
  {
    route: list,
    status: 200,
    when: "there is none",
    ask: async ({ ada, api }) => ({ as: ada, params: { contact_id: await addContact(api, ada) } }),
    body: []
  },
  ...(
    [
      ["?limit=0", "limit", "must be a whole number from 1 to 100"],
      ["?skip=x", "skip", "must be a whole number of at least 0"]
    ] as const
  ).map(([query, field, message]): Case => ({
    route: list,
    status: 422,
    when: `it is asked for ${query}`,
    ask: async ({ ada, api }) => ({ as: ada, params: { contact_id: await addContact(api, ada) }, query }),
    body: invalid(field, message)
  })),
  {
    route: read,
    status: 200,
    when: "it is one's own",
    ask: async ({ ada, api }) => {
      const contact_id = await addContact(api, ada)
      return { as: ada, params: { contact_id, note_id: await addNote(api, ada, contact_id, "Mine") } }
    },
    body: noteOf("Mine")
  },
  {
    route: remove,
    status: 204,
    when: "it is one's own",
    ask: async ({ ada, api }) => {
      const contact_id = await addContact(api, ada)
      return { as: ada, params: { contact_id, note_id: await addNote(api, ada, contact_id) } }
    },
    body: undefined
  },
  {
    route: resend,
    status: 409,
    when: "it goes nowhere",
    ask: async ({ ada, api }) => {
      const contact_id = await addContact(api, ada)
      return { as: ada, params: { contact_id, note_id: await addNote(api, ada, contact_id) } }
    },
    body: problem(409, "There is nothing to send again: the processing of this note is off")
  }
]

const everywhere: ReadonlyArray<Case> = Object.keys(documented).flatMap((route): ReadonlyArray<Case> => {
  const json = route === replace || route === change || route === add ? { body: "A note" } : undefined
  const params = { contact_id: 1, note_id: 1 }
  const ofContact = !route.includes("{note_id}")
  const notFound = ofContact ? contactNotFound : noteNotFound
  return [
    { route, status: 401, when: "there is no token", ask: () => ({ params, json }), body: invalidToken },
    {
      route,
      status: 403,
      when: "nobody has verified the only address",
      ask: async ({ api }) => ({ params, json, token: await unverifiedToken(api) }),
      body: notVerified
    },
    {
      route,
      status: 404,
      when: "there is no such contact",
      ask: ({ ada }) => ({ as: ada, json, params: { contact_id: 2 ** 40, note_id: 1 } }),
      body: notFound
    },
    {
      route,
      status: 404,
      when: "the contact is somebody else's",
      ask: async ({ ada, api }) => {
        const user = await api.signUp()
        const contact_id = await addContact(api, user)
        return { as: ada, json, params: { contact_id, note_id: await addNote(api, user, contact_id) } }
      },
      body: notFound
    },
    ...(ofContact
      ? []
      : [
          {
            route,
            status: 404,
            when: "the note is under another contact",
            ask: async ({ ada, api }) => {
              const note_id = await addNote(api, ada, await addContact(api, ada))
              return { as: ada, json, params: { contact_id: await addContact(api, ada), note_id } }
            },
            body: noteNotFound
          } satisfies Case
        ]),
    {
      route,
      status: 422,
      when: "an id is none",
      ask: ({ ada }) => ({ as: ada, json, params: ofContact ? { contact_id: "x" } : { contact_id: 1, note_id: "0" } }),
      body: invalid(ofContact ? "contact_id" : "note_id", "must be a positive integer")
    }
  ]
})

onEach("notes of v1", (rookery) => {
  const { api } = rookery
  everyDocumentedStatus(rookery, documented, [...writing, ...reading, ...everywhere])

  it("are listed in parts, which lead to each other", async () => {
    const user = await api.signUp()
    const contact = await addContact(api, user)
    const texts = Array.from({ length: 23 }, (_, index) => `Note ${index}`)
    for (const text of texts) await addNote(api, user, contact, text)
    const path = `/api/v1/contacts/${contact}/notes`
    const bodies = async (query: string) => {
      const answer = await api.get(`${path}${query}`, { token: user.token })
      assert.strictEqual(answer.headers.get("x-total-count"), "23")
      const skips = Object.entries(linksIn(answer)).map(([rel, link]) => {
        assert.strictEqual(new URL(link).pathname, path)
        return [rel, Number(new URL(link).searchParams.get("skip"))]
      })
      const notes = answer.body as ReadonlyArray<{ readonly body: string }>
      return [notes.map(({ body }) => body), Object.fromEntries(skips)]
    }
    assert.deepStrictEqual(await bodies(""), [texts.slice(0, 20), { first: 0, next: 20, last: 20 }])
    assert.deepStrictEqual(await bodies("?skip=20"), [texts.slice(20), { first: 0, prev: 0, last: 20 }])
    assert.deepStrictEqual(await bodies("?skip=2&limit=18"), [
      texts.slice(2, 20),
      { first: 0, prev: 0, next: 20, last: 20 }
    ])
    assert.deepStrictEqual(await bodies("?limit=100"), [texts, { first: 0, last: 0 }])
    assert.deepStrictEqual(await bodies("?skip=99"), [[], { first: 0, prev: 19, last: 19 }])
  })

  it("are listed at any length", async () => {
    const user = await api.signUp()
    const contact = await addContact(api, user)
    const texts = Array.from({ length: 40 }, (_, index) => `${index} ${"ü".repeat(99_990)}`)
    await Promise.all(texts.map((text) => addNote(api, user, contact, text)))
    const { body } = await api.get(`/api/v1/contacts/${contact}/notes?limit=39`, { token: user.token })
    const notes = body as ReadonlyArray<{ readonly body: string }>
    assert.lengthOf(notes, 39)
    for (const note of notes) assert.include(texts, note.body)
  })

  it("are where Location says, and the same in all dialects", async () => {
    const user = await api.signUp()
    const { token } = user
    const contact = await addContact(api, user)
    const added = await api.post(`/api/v1/contacts/${contact}/notes`, { note_text: "Über" }, { token })
    const { pathname } = new URL(added.headers.get("location") ?? "")
    assert.strictEqual((await api.get(pathname, { token })).text, added.text)
    const { body, created_at, id } = added.body as { id: number; body: string; created_at: string }
    const classic = await api.get(pathname.replace("/api/v1", ""), { token })
    assert.deepStrictEqual(classic.body, { id, body, created_at })
    await api.delete(pathname, { token })
    assert.strictEqual((await api.get(pathname.replace("/api/v1", ""), { token })).status, 404)
  })

  it("say when they were changed", async () => {
    const user = await api.signUp()
    const { token } = user
    const contact = await addContact(api, user)
    const path = `/api/v1/contacts/${contact}/notes/${await addNote(api, user, contact)}`
    const { body: before } = await api.get(path, { token })
    const changed = await api.request("PATCH", path, { token, json: { body: "New" } })
    const { created_at, updated_at } = changed.body as { created_at: string; updated_at: string }
    expect(before).toMatchObject({ created_at, updated_at: created_at })
    assert.isTrue(updated_at > created_at)
  })

  it("say which methods their paths have", async () => {
    for (const [path, allow] of [
      ["/api/v1/contacts/1/notes", "GET, POST, HEAD, OPTIONS"],
      ["/api/v1/contacts/1/notes/1", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"],
      ["/api/v1/contacts/1/notes/1/resend", "POST, OPTIONS"]
    ] as const) {
      const answer = await api.request("OPTIONS", path)
      assert.deepStrictEqual([answer.status, answer.headers.get("allow")], [204, allow], path)
    }
    const { body, status } = await api.get("/api/v1/contacts/1/notes/1/resend")
    assert.deepStrictEqual([status, body], [405, problem(405, "Method not allowed")])
  })
})

let upstream: NoteUpstream

const processed = (environment: Environment): Environment => ({
  ...environment,
  variables: Effect.gen(function* () {
    upstream = yield* noteUpstream
    return { ...(yield* environment.variables), ...upstream.variables, UPSTREAM_MAX_ATTEMPTS: "2" }
  })
})

onEach(
  "the processing of notes of v1",
  (rookery) => {
    const { api } = rookery

    const write = async (body: string) => {
      const user = await api.signUp()
      const contact = await addContact(api, user)
      const id = await addNote(api, user, contact, body)
      const path = `/api/v1/contacts/${contact}/notes/${id}`
      const processing = async () =>
        ((await api.get(path, { token: user.token })).body as { readonly processing: object }).processing
      const until = (state: object) =>
        eventually(async () => expect(await processing()).toStrictEqual(state), 10_000, 50)
      return { id, path, token: user.token, processing, until }
    }

    describe("processing", () => {
      it("is pending, and then delivered", async () => {
        const { path, token, until } = await write("Fine")
        await until({ status: "delivered", attempts: 1, last_error: null, processed_at: anyTime })
        const { body } = await api.post(`${path}/resend`, undefined, { token })
        assert.deepStrictEqual(
          body,
          problem(409, "There is nothing to send again: the processing of this note is delivered")
        )
      })

      it("says why a note is dead, and begins anew when it is sent again", async () => {
        const { id, path, token, until } = await write("422 for 1")
        await until({ status: "dead", attempts: 1, last_error: "answered 422", processed_at: null })
        const again = await api.post(`${path}/resend`, undefined, { token, headers: { "idempotency-key": "once" } })
        assert.strictEqual(again.status, 202, again.text)
        expect(again.body).toMatchObject({ id, processing: { status: "pending", attempts: 0 } })
        await until({ status: "delivered", attempts: 1, last_error: null, processed_at: anyTime })
        // Sent again by a client that did not hear, it is not sent to the upstream service again.
        const replayed = await api.post(`${path}/resend`, undefined, { token, headers: { "idempotency-key": "once" } })
        assert.deepStrictEqual([replayed.status, replayed.text], [202, again.text])
        assert.lengthOf(upstream.toldOf(id), 2)
      })

      it("is of the latest text", async () => {
        const { path, token, until } = await write("422 for 99")
        await until({ status: "dead", attempts: 1, last_error: "answered 422", processed_at: null })
        const { body } = await api.put(path, { body: "Fine" }, { token })
        expect(body).toMatchObject({ processing: { status: "pending", attempts: 0, last_error: null } })
        await until({ status: "delivered", attempts: 1, last_error: null, processed_at: anyTime })
      })

      it("tells nothing of where the upstream service is", async () => {
        const { processing, until } = await write("503 for 99")
        await until({ status: "dead", attempts: 2, last_error: "answered 503", processed_at: null })
        const hung = await write("hang for 99")
        await eventually(
          async () => {
            upstream.hangUp()
            expect(await hung.processing()).toMatchObject({ status: "dead" })
          },
          10_000,
          50
        )
        for (const told of [await processing(), await hung.processing()]) {
          assert.notMatch(JSON.stringify(told), /127\.0\.0\.1|http|localhost|:\d{4}/)
        }
      })

      it("sends again for the owner alone", async () => {
        const { path, until } = await write("422 for 99")
        await until({ status: "dead", attempts: 1, last_error: "answered 422", processed_at: null })
        const stranger = await api.signUp()
        const { body } = await api.post(`${path}/resend`, undefined, { token: stranger.token })
        assert.deepStrictEqual(body, noteNotFound)
      })
    })
  },
  { only: [processed(embedded), processed(server)] }
)
