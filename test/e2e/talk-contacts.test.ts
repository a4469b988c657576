import { assert, describe, expect, it } from "vitest"
import { somePhone } from "../contracts/Fixtures.ts"
import type { ApiClient, Answer } from "../support/ApiClient.ts"
import { anyTime, type Case, type Documented, everyDocumentedStatus } from "./DocumentedRoutes.ts"
import { onEach } from "./Suites.ts"
import {
  complete,
  ask as askForCode,
  failure,
  invalidPhone,
  invalidToken,
  signUpByPhone,
  textsTo,
  tokenIn
} from "./TalkAccounts.ts"
import { befriend, type Talker } from "./Talkers.ts"

const changes = ["accept", "delete", "update"] as const

const documented: Documented = {
  "GET /api/contacts": [200, 401],
  "GET /api/contacts/{phone_number}": [200, 401],
  "PUT /api/contacts/request": [200, 400, 409],
  "POST /api/contacts/request": [200, 400, 409],
  "PUT /api/contacts/accept": [200, 400, 404],
  "PUT /api/contacts/delete": [200, 400, 404],
  "PUT /api/contacts/update": [200, 400, 404]
}

interface Seen {
  readonly phone: string
  readonly status: string
  readonly name?: string
  readonly unread?: number
}

const contact = ({ name, phone, status, unread = 0 }: Seen) => ({
  phone_number: phone,
  display_name: name ?? phone,
  status,
  last_touch_at: anyTime,
  unread_messages: unread
})

const list = (...seen: ReadonlyArray<Seen>) => ({ success: true, contacts: seen.map(contact) })

const onlyOne = (status: string) => ({
  success: true,
  contacts: [{ ...contact({ phone: "", status }), phone_number: expect.any(String), display_name: expect.any(String) }]
})

const requests = ["PUT", "POST"].map((method) => `${method} /api/contacts/request`)

/** Two who have nothing to do with each other. */
const two = async (api: ApiClient) => [await signUpByPhone(api), await signUpByPhone(api)] as const

const request = (api: ApiClient, { token }: Talker, { phone }: Pick<Talker, "phone">, display_name?: string | null) =>
  api.put(
    "/api/contacts/request",
    { phone_number: phone, ...(display_name === undefined ? {} : { display_name }) },
    { token }
  )

const change = (
  api: ApiClient,
  { token }: Talker,
  which: (typeof changes)[number],
  { phone }: Pick<Talker, "phone">,
  more: object = {}
) => api.put(`/api/contacts/${which}`, { phone_number: phone, ...more }, { token })

/** Of the whole list. */
const listed = async (api: ApiClient, { token }: Talker) => (await api.get("/api/contacts", { token })).body

const answered = ({ body, status }: Answer) => ({ status, body })

const someone = new WeakMap<ApiClient, Promise<Talker>>()
/** The same person in all cases. */
const anybody = (api: ApiClient): Promise<Talker> => {
  const known = someone.get(api) ?? signUpByPhone(api)
  someone.set(api, known)
  return known
}

const wrongPhones = (route: string): ReadonlyArray<Case> =>
  (
    [
      ["there is no number", {}, failure("phone_number is required")],
      ["the number is a JSON number", { phone_number: 4915112345678 }, failure("phone_number must be a string")],
      ["the number is a word", { phone_number: "puffin" }, invalidPhone],
      ["there is no object", [], failure("The request body must be a JSON object")]
    ] as const
  ).map(([when, json, body]) => ({
    route,
    status: 400,
    when,
    ask: async ({ api }) => ({ token: (await anybody(api)).token, json }),
    body
  }))

const strangers = (route: string): Case => ({
  route,
  status: 401,
  when: "there is no token",
  ask: () => ({ params: { phone_number: "4915112345678" } }),
  body: invalidToken
})

const unknown = { accept: "Friend request not found", delete: "Friend not found", update: "Contact not found" }

const cases: ReadonlyArray<Case> = [
  ...["GET /api/contacts", "GET /api/contacts/{phone_number}"].map(strangers),
  {
    route: "GET /api/contacts",
    status: 200,
    when: "there is one",
    ask: async ({ api }) => {
      const [one, other] = await two(api)
      await request(api, one, other)
      return { token: one.token }
    },
    body: onlyOne("requesting")
  },
  {
    route: "GET /api/contacts/{phone_number}",
    status: 200,
    when: "the number is in the list, and is written with a +",
    ask: async ({ api }) => {
      const phone = somePhone()
      const one = await anybody(api)
      await request(api, one, { phone })
      return { token: one.token, params: { phone_number: `+${phone}` } }
    },
    body: onlyOne("requesting")
  },
  {
    route: "GET /api/contacts/{phone_number}",
    status: 200,
    when: "nobody has the number",
    ask: async ({ api }) => ({ token: (await anybody(api)).token, params: { phone_number: somePhone() } }),
    body: list()
  },
  ...["puffin", "123456", "+", "1234567890123456", "%00"].map((phone_number): Case => ({
    route: "GET /api/contacts/{phone_number}",
    status: 400,
    when: `the number is ${phone_number}`,
    ask: async ({ api }) => ({ token: (await anybody(api)).token, params: { phone_number } }),
    body: invalidPhone
  })),
  ...requests.flatMap((route): ReadonlyArray<Case> => [
    strangers(route),
    {
      route,
      status: 200,
      when: "somebody has the number",
      ask: async ({ api }) => {
        const [one, other] = await two(api)
        return { token: one.token, json: { phone_number: `+${other.phone}`, display_name: "Chioma" } }
      },
      body: ({ json }) => {
        const phone = (json as { readonly phone_number: string }).phone_number.slice(1)
        return list({ phone, name: "Chioma", status: "requesting" })
      }
    },
    {
      route,
      status: 409,
      when: "it was sent before",
      ask: async ({ api }) => {
        const phone = somePhone()
        const one = await anybody(api)
        await request(api, one, { phone })
        return { token: one.token, json: { phone_number: phone } }
      },
      body: failure("Friend request already sent")
    },
    {
      route,
      status: 400,
      when: "the number is one's own",
      ask: async ({ api }) => {
        const { phone, token } = await anybody(api)
        return { token, json: { phone_number: phone } }
      },
      body: failure("phone_number must not be your own")
    },
    {
      route,
      status: 400,
      when: "the name is a number",
      ask: async ({ api }) => ({
        token: (await anybody(api)).token,
        json: { phone_number: somePhone(), display_name: 7 }
      }),
      body: failure("display_name must be a string or null")
    },
    {
      route,
      status: 400,
      when: "the name is too long",
      ask: async ({ api }) => ({
        token: (await anybody(api)).token,
        json: { phone_number: somePhone(), display_name: "x".repeat(256) }
      }),
      body: failure("display_name must be at most 255 characters")
    },
    ...wrongPhones(route)
  ]),
  ...changes.flatMap((which): ReadonlyArray<Case> => {
    const route = `PUT /api/contacts/${which}`
    return [
      strangers(route),
      {
        route,
        status: 200,
        when: "there is somebody to do it with",
        ask: async ({ api }) => {
          const [one, other] = await two(api)
          await request(api, other, one)
          if (which !== "accept") await change(api, one, "accept", other)
          return { token: one.token, json: { phone_number: other.phone, display_name: "Bob" } }
        },
        body: {
          success: true,
          contacts: [
            {
              ...contact({ phone: "", status: which === "delete" ? "deleted" : "accepted" }),
              phone_number: expect.any(String),
              display_name: which === "update" ? "Bob" : expect.stringMatching(/^\d+$/)
            }
          ]
        }
      },
      ...[somePhone, undefined].map((phone): Case => ({
        route,
        status: 404,
        when: phone === undefined ? "it is one's own number" : "nobody with that number is in the list",
        ask: async ({ api }) => {
          const one = await anybody(api)
          return { token: one.token, json: { phone_number: phone?.() ?? one.phone } }
        },
        body: failure(unknown[which])
      })),
      ...wrongPhones(route)
    ]
  }),
  {
    route: "PUT /api/contacts/update",
    status: 400,
    when: "the name is too long",
    ask: async ({ api }) => ({
      token: (await anybody(api)).token,
      json: { phone_number: somePhone(), display_name: "x".repeat(256) }
    }),
    body: failure("display_name must be at most 255 characters")
  }
]

onEach("contacts of talk", (rookery) => {
  const { api } = rookery
  everyDocumentedStatus(rookery, documented, cases)

  describe("two people", () => {
    it("become friends when the one asks and the other accepts, and both see so", async () => {
      const [ada, bob] = await two(api)
      expect(answered(await request(api, ada, bob, "Bob"))).toStrictEqual({
        status: 200,
        body: list({ phone: bob.phone, name: "Bob", status: "requesting" })
      })
      expect(await listed(api, bob)).toStrictEqual(list({ phone: ada.phone, status: "requested" }))
      expect(answered(await change(api, bob, "accept", ada))).toStrictEqual({
        status: 200,
        body: list({ phone: ada.phone, status: "accepted" })
      })
      expect(await listed(api, ada)).toStrictEqual(list({ phone: bob.phone, name: "Bob", status: "accepted" }))
      const again = { status: 409, body: failure("You are friends already") }
      assert.deepInclude(await request(api, ada, bob), again)
      assert.deepInclude(await request(api, bob, ada), again)
      assert.deepInclude(await change(api, ada, "accept", bob), { status: 404 })
    })

    it("become friends when both ask", async () => {
      const [ada, bob] = await two(api)
      await request(api, ada, bob)
      expect(answered(await request(api, bob, ada))).toStrictEqual({
        status: 200,
        body: list({ phone: ada.phone, status: "accepted" })
      })
    })

    it("are none any more when one deletes the other, who cannot ask again; who deleted can", async () => {
      const [ada, bob] = await two(api)
      await befriend(api, ada, bob)
      expect(answered(await change(api, ada, "delete", bob))).toStrictEqual({
        status: 200,
        body: list({ phone: bob.phone, status: "deleted" })
      })
      expect(await listed(api, bob)).toStrictEqual(list({ phone: ada.phone, status: "blocked" }))
      const refused = { status: 409, body: failure("This contact has deleted you") }
      assert.deepInclude(await request(api, bob, ada), refused)
      expect(answered(await request(api, ada, bob))).toStrictEqual({
        status: 200,
        body: list({ phone: bob.phone, status: "accepted" })
      })
      expect(await listed(api, bob)).toStrictEqual(list({ phone: ada.phone, status: "accepted" }))
    })

    it("who both deleted the other are friends again when both have asked", async () => {
      const [ada, bob] = await two(api)
      await befriend(api, ada, bob)
      await change(api, ada, "delete", bob)
      await change(api, bob, "delete", ada)
      expect(answered(await request(api, ada, bob))).toStrictEqual({
        status: 200,
        body: list({ phone: bob.phone, status: "blocked" })
      })
      expect(answered(await request(api, bob, ada))).toStrictEqual({
        status: 200,
        body: list({ phone: ada.phone, status: "accepted" })
      })
    })

    it("forget a request that is taken back; one that is declined stays with who sent it, untold", async () => {
      const [ada, bob] = await two(api)
      await request(api, ada, bob)
      expect(answered(await change(api, ada, "delete", bob))).toStrictEqual({ status: 200, body: list() })
      expect(await listed(api, bob)).toStrictEqual(list())
      await request(api, ada, bob)
      expect(answered(await change(api, bob, "delete", ada))).toStrictEqual({
        status: 200,
        body: list({ phone: ada.phone, status: "deleted" })
      })
      expect(await listed(api, ada)).toStrictEqual(list({ phone: bob.phone, status: "requesting" }))
    })
  })

  it("have the name that one gives them, or their number where that is null, blank or absent", async () => {
    const [ada, bob] = await two(api)
    const named = (name: string) => ({
      status: 200,
      body: list({ phone: bob.phone, name, status: "requesting" })
    })
    expect(answered(await request(api, ada, bob, null))).toStrictEqual(named(bob.phone))
    for (const name of ["Bob", " Bob  the\tBuilder ", "鲍勃 👷", "x".repeat(255), "null"]) {
      expect(answered(await change(api, ada, "update", bob, { display_name: name }))).toStrictEqual(named(name))
    }
    for (const more of [{ display_name: null }, { display_name: "" }, { display_name: "  " }, {}]) {
      await change(api, ada, "update", bob, { display_name: "Bob" })
      expect(answered(await change(api, ada, "update", bob, more))).toStrictEqual(named(bob.phone))
    }
    expect(await listed(api, bob)).toStrictEqual(list({ phone: ada.phone, status: "requested" }))
  })

  it("come in all with each change, the latest touched first", async () => {
    const [ada, bob] = await two(api)
    const cyd = await signUpByPhone(api)
    await request(api, ada, bob)
    await request(api, ada, cyd)
    const { body } = await change(api, bob, "accept", ada)
    expect(body).toStrictEqual(list({ phone: ada.phone, status: "accepted" }))
    expect(await listed(api, ada)).toStrictEqual(
      list({ phone: bob.phone, status: "accepted" }, { phone: cyd.phone, status: "requesting" })
    )
    expect((await change(api, ada, "update", cyd, { display_name: "Cyd" })).body).toStrictEqual(
      list({ phone: bob.phone, status: "accepted" }, { phone: cyd.phone, name: "Cyd", status: "requesting" })
    )
  })

  describe("a number that nobody has", () => {
    it("gets one invitation however many ask, and their requests when it signs up", async () => {
      const [ada, bob] = await two(api)
      const phone = somePhone()
      for (const one of [ada, bob]) {
        const { body, status } = await request(api, one, { phone }, "Cyd")
        expect({ status, body }).toStrictEqual({
          status: 200,
          body: list({ phone, name: "Cyd", status: "requesting" })
        })
      }
      const texts = await textsTo(api, phone)
      assert.lengthOf(texts, 1)
      assert.include(texts[0]?.text, "http://localhost:")
      assert.notInclude(texts[0]?.text, "Cyd")
      const token = tokenIn(await complete(api, "signup", phone, await askForCode(api, "signup", phone)))
      const cyd = { phone, token }
      const { contacts } = (await listed(api, cyd)) as { readonly contacts: ReadonlyArray<object> }
      expect(contacts).toHaveLength(2)
      for (const { phone } of [ada, bob]) expect(contacts).toContainEqual(contact({ phone, status: "requested" }))
      await change(api, cyd, "accept", ada)
      expect(await listed(api, ada)).toStrictEqual(list({ phone, name: "Cyd", status: "accepted" }))
    })

    it("is not there any more once the request is taken back", async () => {
      const ada = await signUpByPhone(api)
      const phone = somePhone()
      await request(api, ada, { phone })
      expect(answered(await change(api, ada, "delete", { phone }))).toStrictEqual({ status: 200, body: list() })
      tokenIn(await complete(api, "signup", phone, await askForCode(api, "signup", phone)))
      expect(await listed(api, ada)).toStrictEqual(list())
    })
  })
})
