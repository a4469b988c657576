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
import { onEach } from "./Suites.ts"
import {
  addContact,
  brokenBody,
  invalidToken,
  longBody,
  notVerified,
  otherType,
  tooLarge,
  unreadable,
  unsupported,
  unverifiedToken
} from "./V1Contacts.ts"

/** Every status of contact-notes-system.md and contacts-api-reference.md on contacts, and those that v1 has beside them. */
const documented: Documented = {
  "GET /api/v1/contacts": [200, 401, 403, 422],
  "POST /api/v1/contacts": [201, 400, 401, 403, 413, 415, 422],
  "GET /api/v1/contacts/birthdays": [200, 401, 403, 422],
  "GET /api/v1/contacts/{contact_id}": [200, 400, 401, 403, 404, 412, 422],
  "PUT /api/v1/contacts/{contact_id}": [200, 400, 401, 403, 404, 412, 413, 415, 422],
  "PATCH /api/v1/contacts/{contact_id}": [200, 400, 401, 403, 404, 412, 413, 415, 422],
  "DELETE /api/v1/contacts/{contact_id}": [204, 400, 401, 403, 404, 412, 422]
}

const none = {
  last_name: null,
  email: null,
  phone: null,
  company: null,
  title: null,
  birthday: null,
  notes: null
}
const alice = {
  first_name: "Alice",
  last_name: "Smith",
  email: "alice@example.com",
  phone: "+380501234567",
  birthday: "1990-05-15",
  notes: "Met at conference"
}
const john = {
  first_name: "John",
  last_name: "Doe",
  email: "john@example.com",
  phone: "1234567890",
  company: "Example Corp",
  title: "Developer"
}
const contact = (fields: object) => ({
  id: anyId,
  first_name: "Ada",
  ...none,
  created_at: anyTime,
  updated_at: anyTime,
  ...fields
})

const collection = "POST /api/v1/contacts"
const read = "GET /api/v1/contacts/{contact_id}"
const replace = "PUT /api/v1/contacts/{contact_id}"
const change = "PATCH /api/v1/contacts/{contact_id}"
const remove = "DELETE /api/v1/contacts/{contact_id}"

const malformedEmail = "must be an e-mail address such as ada@example.com"
const malformedPhone = "must be 7 to 15 digits with an optional leading +"

const adding: ReadonlyArray<Case> = [
  {
    route: collection,
    status: 201,
    when: "there are all fields of contacts-api-reference.md",
    ask: ({ ada }) => ({ as: ada, json: alice }),
    body: contact(alice)
  },
  {
    route: collection,
    status: 201,
    when: "there are those of contact-notes-system.md",
    ask: ({ ada }) => ({ as: ada, json: john }),
    body: contact(john)
  },
  {
    route: collection,
    status: 201,
    when: "there is a first name and nothing else",
    ask: ({ ada }) => ({ as: ada, json: { first_name: "Ada" } }),
    body: contact({})
  },
  {
    route: collection,
    status: 201,
    when: "everything else is null, and what answers carry comes along",
    ask: ({ ada }) => ({ as: ada, json: { first_name: "Ada", ...none, id: 7, created_at: "x", updated_at: null } }),
    body: contact({})
  },
  {
    route: collection,
    status: 201,
    when: "texts are empty where that says something",
    ask: ({ ada }) => ({ as: ada, json: { first_name: "Ada", last_name: "", company: "", title: "", notes: "" } }),
    body: contact({ last_name: "", company: "", title: "", notes: "" })
  },
  {
    route: collection,
    status: 422,
    when: "there is no first name",
    ask: ({ ada }) => ({ as: ada, json: { last_name: "Lovelace" } }),
    body: invalid("first_name", "is required")
  },
  ...(
    [
      [{ first_name: null }, "first_name", "must be a string"],
      [{ first_name: " \t" }, "first_name", "must not be blank"],
      [{ first_name: "a".repeat(256) }, "first_name", "must be at most 255 characters"],
      [{ first_name: "\u0000" }, "first_name", "must be well-formed text without NUL characters"],
      [{ last_name: 7 }, "last_name", "must be a string or null"],
      [{ email: "nobody" }, "email", malformedEmail],
      [{ email: "" }, "email", malformedEmail],
      [{ phone: "12 34" }, "phone", malformedPhone],
      [{ phone: "" }, "phone", malformedPhone],
      [{ birthday: "1990-02-30" }, "birthday", "must be a date that there is"],
      [{ birthday: "15.05.1990" }, "birthday", "must be a date such as 1990-05-15"],
      [{ birthday: "" }, "birthday", "must be a date such as 1990-05-15"],
      [{ notes: "x".repeat(10_001) }, "notes", "must be at most 10000 characters"],
      [{ nickname: "Countess" }, "nickname", "is not a known field"]
    ] as const
  ).map(([fields, field, message]): Case => ({
    route: collection,
    status: 422,
    when: `it has ${JSON.stringify(fields).slice(0, 40)}`,
    ask: ({ ada }) => ({ as: ada, json: { first_name: "Ada", ...fields } }),
    body: invalid(field, message)
  })),
  {
    route: collection,
    status: 422,
    when: "several fields are wrong, all of which it names",
    ask: ({ ada }) => ({ as: ada, json: { email: "nobody", phone: "1" } }),
    body: problem(422, `first_name is required; email ${malformedEmail}; phone ${malformedPhone}`, [
      { field: "first_name", message: "is required" },
      { field: "email", message: malformedEmail },
      { field: "phone", message: malformedPhone }
    ])
  },
  {
    route: collection,
    status: 422,
    when: "it is a list",
    ask: ({ ada }) => ({ as: ada, json: [] }),
    body: invalid("", "must be an object")
  },
  {
    route: collection,
    status: 422,
    when: "the Idempotency-Key is none",
    ask: ({ ada }) => ({ as: ada, json: { first_name: "Ada" }, headers: { "idempotency-key": "ä" } }),
    body: invalid("Idempotency-Key", "must be 1 to 255 printable ASCII characters")
  }
]

const listing: ReadonlyArray<Case> = [
  {
    route: "GET /api/v1/contacts",
    status: 200,
    when: "there is none",
    ask: async ({ api }) => ({ as: await api.signUp() }),
    body: []
  },
  {
    route: "GET /api/v1/contacts",
    status: 200,
    when: "there are some",
    ask: async ({ api }) => {
      const user = await api.signUp()
      await addContact(api, user, alice)
      await addContact(api, user, john)
      return { as: user }
    },
    body: [contact(alice), contact(john)]
  },
  ...(
    [
      ["?limit=0", "limit", "must be a whole number from 1 to 100"],
      ["?limit=101", "limit", "must be a whole number from 1 to 100"],
      ["?limit=ten", "limit", "must be a whole number from 1 to 100"],
      ["?limit=1&limit=2", "limit", "must be sent once"],
      ["?skip=-1", "skip", "must be a whole number of at least 0"],
      ["?skip=1.5", "skip", "must be a whole number of at least 0"],
      ["?skip=99999999999999999999", "skip", "must be a whole number of at least 0"],
      ["?search=%00", "search", "must be well-formed text without NUL characters"],
      [`?search=${"a".repeat(256)}`, "search", "must be at most 255 characters"]
    ] as const
  ).map(([query, field, message]): Case => ({
    route: "GET /api/v1/contacts",
    status: 422,
    when: `it is asked for ${query.slice(0, 40)}`,
    ask: ({ ada }) => ({ as: ada, query }),
    body: invalid(field, message)
  })),
  {
    route: "GET /api/v1/contacts/birthdays",
    status: 200,
    when: "nobody has one soon",
    ask: async ({ api }) => ({ as: await api.signUp() }),
    body: []
  },
  ...["Mars/Olympus", "%2B02:00", "", "a".repeat(65)].map((tz): Case => ({
    route: "GET /api/v1/contacts/birthdays",
    status: 422,
    when: `the zone is ${tz.slice(0, 20)}`,
    ask: ({ ada }) => ({ as: ada, query: `?tz=${tz}` }),
    body: invalid(
      "tz",
      tz.length > 64 ? "must be at most 64 characters" : "must be an IANA time zone such as Europe/Berlin"
    )
  }))
]

const reading: ReadonlyArray<Case> = [
  {
    route: read,
    status: 200,
    when: "it is one's own",
    ask: async ({ ada, api }) => ({ as: ada, params: { contact_id: await addContact(api, ada, alice) } }),
    body: contact(alice)
  },
  {
    route: read,
    status: 200,
    when: "it was made in another dialect",
    ask: async ({ ada, api }) => {
      const fields = { name: "Ada King of Lovelace", phone_number: "1234567" }
      return { as: ada, params: { contact_id: await api.contact(ada, fields) } }
    },
    body: contact({ last_name: "King of Lovelace", phone: "1234567" })
  }
]

const changing: ReadonlyArray<Case> = [
  {
    route: replace,
    status: 200,
    when: "there are all six fields",
    ask: async ({ ada, api }) => ({ as: ada, params: { contact_id: await addContact(api, ada) }, json: alice }),
    body: contact(alice)
  },
  {
    route: replace,
    status: 200,
    when: "there is no company and no title, which stay",
    ask: async ({ ada, api }) => ({ as: ada, params: { contact_id: await addContact(api, ada, john) }, json: alice }),
    body: contact({ ...john, ...alice })
  },
  {
    route: replace,
    status: 200,
    when: "everything that may be is null",
    ask: async ({ ada, api }) => ({
      as: ada,
      params: { contact_id: await addContact(api, ada, { ...alice, ...john }) },
      json: { first_name: "Ada", ...none }
    }),
    body: contact({})
  },
  {
    route: replace,
    status: 200,
    when: "it is what was read",
    ask: async ({ ada, api }) => {
      const contact_id = await addContact(api, ada, { ...alice, ...john })
      const { body } = await api.get(`/api/v1/contacts/${contact_id}`, { token: ada.token })
      return { as: ada, params: { contact_id }, json: body }
    },
    body: contact({ ...alice, ...john })
  },
  ...["first_name", "last_name", "email", "phone", "birthday", "notes"].map((field): Case => ({
    route: replace,
    status: 422,
    when: `there is no ${field}`,
    ask: async ({ ada, api }) => ({
      as: ada,
      params: { contact_id: await addContact(api, ada) },
      json: { ...alice, [field]: undefined }
    }),
    body: invalid(field, "is required")
  })),
  {
    route: change,
    status: 200,
    when: "it names the phone",
    ask: async ({ ada, api }) => ({
      as: ada,
      params: { contact_id: await addContact(api, ada, alice) },
      json: { phone: "+380509999999" }
    }),
    body: contact({ ...alice, phone: "+380509999999" })
  },
  {
    route: change,
    status: 200,
    when: "it clears what may be null",
    ask: async ({ ada, api }) => ({
      as: ada,
      params: { contact_id: await addContact(api, ada, { ...alice, ...john }) },
      json: none
    }),
    body: contact({ first_name: "John" })
  },
  {
    route: change,
    status: 200,
    when: "it names nothing",
    ask: async ({ ada, api }) => ({ as: ada, params: { contact_id: await addContact(api, ada, alice) }, json: {} }),
    body: contact(alice)
  },
  {
    route: change,
    status: 422,
    when: "the first name is to be null",
    ask: async ({ ada, api }) => ({
      as: ada,
      params: { contact_id: await addContact(api, ada) },
      json: { first_name: null }
    }),
    body: invalid("first_name", "must be a string")
  },
  {
    route: remove,
    status: 204,
    when: "it is one's own",
    ask: async ({ ada, api }) => ({ as: ada, params: { contact_id: await addContact(api, ada) } }),
    body: undefined
  }
]

const one = [read, replace, change, remove]
const withBody = (route: string) => (route === replace || route === change ? { json: alice } : {})

/** Whatever is asked of one contact. */
const ofOne: ReadonlyArray<Case> = one.flatMap((route): ReadonlyArray<Case> => {
  const asked = withBody(route)
  return [
    {
      route,
      status: 404,
      when: "nothing has that id",
      ask: ({ ada }) => ({ as: ada, params: { contact_id: 2 ** 40 }, ...asked }),
      body: problem(404, "Contact not found")
    },
    {
      route,
      status: 404,
      when: "it is somebody else's, whatever is known of it",
      ask: async ({ ada, api }) => ({
        as: ada,
        params: { contact_id: await addContact(api, await api.signUp()) },
        headers: { "if-match": '"x"' },
        ...asked
      }),
      body: problem(404, "Contact not found")
    },
    ...["abc", "0", "-1", "1.5", "1e3", "99999999999999999"].map((contact_id): Case => ({
      route,
      status: 422,
      when: `the id is ${contact_id}`,
      ask: ({ ada }) => ({ as: ada, params: { contact_id }, ...asked }),
      body: invalid("contact_id", "must be a positive integer")
    })),
    {
      route,
      status: 412,
      when: "it is not as If-Match has it",
      ask: async ({ ada, api }) => ({
        as: ada,
        params: { contact_id: await addContact(api, ada) },
        headers: { "if-match": '"x", W/"y"' },
        ...asked
      }),
      body: problem(412, "The contact has changed since it was read")
    },
    ...["If-Match", "If-None-Match"].map((header): Case => ({
      route,
      status: 400,
      when: `${header} is malformed`,
      ask: async ({ ada, api }) => ({
        as: ada,
        params: { contact_id: await addContact(api, ada) },
        headers: { [header]: "x" },
        ...asked
      }),
      body: problem(400, `The ${header} header must be a list of entity tags, or *`)
    }))
  ]
})

const bodies: ReadonlyArray<Case> = [collection, replace, change].flatMap((route): ReadonlyArray<Case> => {
  const params = { contact_id: 1 }
  return [
    {
      route,
      status: 400,
      when: "the body is no JSON",
      ask: ({ ada }) => ({ as: ada, params, ...brokenBody }),
      body: unreadable
    },
    {
      route,
      status: 413,
      when: "the body is longer than a mebibyte",
      ask: ({ ada }) => ({ as: ada, params, ...longBody }),
      body: tooLarge
    },
    {
      route,
      status: 415,
      when: "the body is of another type",
      ask: ({ ada }) => ({ as: ada, params, ...otherType }),
      body: unsupported
    }
  ]
})

const everywhere: ReadonlyArray<Case> = Object.keys(documented).flatMap((route): ReadonlyArray<Case> => {
  const params = { contact_id: 1 }
  return [
    { route, status: 401, when: "there is no token", ask: () => ({ params }), body: invalidToken },
    {
      route,
      status: 401,
      when: "it is a refresh token",
      ask: ({ ada }) => ({ params, token: ada.refreshToken }),
      body: invalidToken
    },
    {
      route,
      status: 403,
      when: "nobody has verified the only address",
      ask: async ({ api }) => ({ params, token: await unverifiedToken(api) }),
      body: notVerified
    }
  ]
})

onEach("contacts of v1", (rookery) => {
  const { api } = rookery
  everyDocumentedStatus(rookery, documented, [
    ...adding,
    ...listing,
    ...reading,
    ...changing,
    ...ofOne,
    ...bodies,
    ...everywhere
  ])

  describe("contacts", () => {
    it("are the same in all dialects", async () => {
      const { token } = await api.signUp()
      const id = await addContact(api, { token }, { ...alice, ...john })
      const classic = async () => (await api.get(`/contacts/${id}`, { token })).body
      expect(await classic()).toMatchObject({
        id,
        name: "John Doe",
        email: "john@example.com",
        phone_number: "1234567890"
      })
      await api.put(`/contacts/${id}`, { name: "Jane  Roe", email: null }, { token })
      const { body } = await api.get(`/api/v1/contacts/${id}`, { token })
      expect(body).toStrictEqual(contact({ ...alice, ...john, first_name: "Jane", last_name: " Roe", email: null }))
    })

    it("go with their notes, and only once", async () => {
      const { token } = await api.signUp()
      const id = await addContact(api, { token })
      await api.post(`/api/v1/contacts/${id}/notes`, { body: "A note" }, { token })
      const path = `/api/v1/contacts/${id}`
      assert.strictEqual((await api.delete(path, { token })).status, 204)
      for (const gone of [path, `${path}/notes`, `/contacts/${id}`]) {
        assert.strictEqual((await api.get(gone, { token })).status, 404, gone)
      }
      assert.strictEqual((await api.delete(path, { token })).status, 404)
    })

    it("are read as if by HEAD, without their bytes", async () => {
      const { token } = await api.signUp()
      const id = await addContact(api, { token })
      for (const path of ["/api/v1/contacts", `/api/v1/contacts/${id}`, "/api/v1/contacts/birthdays"]) {
        const [got, head] = [await api.get(path, { token }), await api.request("HEAD", path, { token })]
        assert.deepStrictEqual([head.status, head.text], [200, ""], path)
        for (const name of ["content-type", "content-length", "etag", "link", "x-total-count"]) {
          assert.strictEqual(head.headers.get(name), got.headers.get(name), `${path} ${name}`)
        }
      }
    })

    it("say which methods their paths have", async () => {
      for (const [path, allow] of [
        ["/api/v1/contacts/", "GET, POST, HEAD, OPTIONS"],
        ["/api/v1/contacts/1", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"],
        ["/api/v1/contacts/birthdays", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"]
      ] as const) {
        const answer = await api.post(`${path}`.replace(/contacts\/$/, "contacts/1/x"), {})
        assert.strictEqual(answer.status, path.endsWith("/") ? 404 : 405, path)
        const options = await api.request("OPTIONS", path)
        assert.deepStrictEqual([options.status, options.headers.get("allow")], [204, allow], path)
      }
    })
  })
})
