import { Schema } from "effect"
import { assert, beforeAll, describe, it } from "vitest"
import type { Answer, Asked } from "../support/ApiClient.ts"
import { onEach } from "./Suites.ts"
import { addContact, unverifiedToken } from "./V1Contacts.ts"

/** What tells two answers to the same question apart. */
const passing = new Set(["date", "x-request-id", "ratelimit", "connection", "keep-alive"])

const shown = ({ headers, status, text }: Answer) => ({
  status,
  text,
  headers: [...headers].filter(([name]) => !passing.has(name))
})

/** With these, which ask for nothing, a request takes its route. */
const detours = { GET: { "if-match": "*" }, POST: { "content-type": "application/json; charset=utf-8" } } as const

const Created = Schema.fromJsonString(Schema.Struct({ id: Schema.Int }))

onEach("the fast paths of v1", ({ api }) => {
  let token: string
  let contact: string
  let stranger: string
  let unverified: string

  beforeAll(async () => {
    const [own, other] = [await api.signUp(), await api.signUp()]
    token = own.token
    stranger = other.token
    unverified = await unverifiedToken(api)
    contact = `/api/v1/contacts/${await addContact(api, own, { last_name: "Lovelace", notes: 'é "\\\u2028\u0001' })}`
    for (const first_name of ["b", "c", "d"]) await addContact(api, own, { first_name })
  })

  const both = async (method: "GET" | "POST", path: string, asked: Asked) => {
    const json = method === "POST" ? { "content-type": "application/json" } : {}
    const plain = await api.request(method, path, { ...asked, headers: json })
    const routed = await api.request(method, path, { ...asked, headers: detours[method] })
    return [shown(plain), shown(routed)] as const
  }

  const assertSame = async (method: "GET" | "POST", path: string, asked: Asked, status: number) => {
    const [plain, routed] = await both(method, path, asked)
    assert.strictEqual(plain.status, status, `${method} ${path} ${plain.text}`)
    assert.deepStrictEqual(plain, routed, `${method} ${path}`)
  }

  it("give a contact as its route does", () => assertSame("GET", contact, { token }, 200))

  it("give a part of the contacts as their route does", async () => {
    const all = "/api/v1/contacts"
    for (const query of ["", "?limit=2", "?skip=1&limit=2", "?skip=0&limit=100", "?skip=999999999999999&limit=1"]) {
      await assertSame("GET", all + query, { token }, 200)
    }
    for (const query of ["?search=LOVE&limit=2", "?search=b&skip=0&limit=2", "?search=nobody@x.y&skip=1&limit=9"]) {
      await assertSame("GET", all + query, { token }, 200)
    }
    for (const query of ["?limit=0", "?limit=101", "?limit=2&limit=3", "?skip=-1&limit=2", "?skip=1e3&limit=1"]) {
      await assertSame("GET", all + query, { token }, 422)
    }
    for (const query of [
      "?",
      "?limit=2&skip=1",
      "?limit=2&other=1",
      "?search=&limit=2",
      "?search=a+b&limit=2",
      "?search=%62&limit=2"
    ]) {
      await assertSame("GET", all + query, { token }, 200)
    }
  })

  it("add a note as its route does", async () => {
    const [plain, routed] = await both("POST", `${contact}/notes`, { token, json: { body: 'A note: é "\\\u2028' } })
    assert.strictEqual(plain.status, 201)
    const ids = [plain, routed].map(({ text }) => Schema.decodeSync(Created)(text).id)
    assert.notStrictEqual(ids[0], ids[1])
    const neutral = ({ headers, status, text }: typeof plain, id = 0) => ({
      status,
      headers: headers.map(([name, value]) => [name, value.replace(new RegExp(`/${id}$`), "/id")]),
      text: text.replace(`"id":${id},`, '"id":0,').replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"time"')
    })
    assert.deepStrictEqual(neutral(plain, ids[0]), neutral(routed, ids[1]))
    const { body } = await api.get(`${contact}/notes`, { token })
    assert.lengthOf(body as ReadonlyArray<unknown>, 2)
  })

  describe("leave what is wrong to the route:", () => {
    const paths = () =>
      [
        ["GET", contact],
        ["GET", "/api/v1/contacts"],
        ["POST", `${contact}/notes`]
      ] as const
    const body = (method: string) => (method === "POST" ? { json: { body: "A note" } } : {})

    it("tokens", async () => {
      for (const [method, path] of paths()) {
        await assertSame(method, path, body(method), 401)
        for (const wrong of ["not-a-token", "Bearer not-a-token", `${token}x`, `${token} x`]) {
          await assertSame(method, path, { ...body(method), token: wrong }, 401)
        }
        await assertSame(method, path, { ...body(method), token: unverified }, 403)
      }
    })

    it("contacts of others, and none", async () => {
      await assertSame("GET", contact, { token: stranger }, 404)
      await assertSame("POST", `${contact}/notes`, { token: stranger, json: { body: "Not mine" } }, 404)
      for (const id of ["999999999", "999999999999999"]) {
        await assertSame("GET", `/api/v1/contacts/${id}`, { token }, 404)
        await assertSame("POST", `/api/v1/contacts/${id}/notes`, { token, json: { body: "Nobody" } }, 404)
      }
      for (const id of ["0", "01", "-1", "1e1", "9999999999999999", "x", "%31"]) {
        const [plain, routed] = await both("GET", `/api/v1/contacts/${id}`, { token })
        assert.deepStrictEqual(plain, routed, id)
      }
    })

    it("notes that are none, and what has more than a text", async () => {
      const notes = `${contact}/notes`
      const before = (await api.get(notes, { token })).text
      const bodies: ReadonlyArray<readonly [string, number]> = [
        ["{", 400],
        ["", 422],
        ["null", 422],
        ["[]", 422],
        ['"x"', 422],
        ["{}", 422],
        ['{"body":""}', 422],
        ['{"body":" \\n"}', 422],
        ['{"body":null}', 422],
        ['{"body":7}', 422],
        ['{"body":"\\u0000"}', 422],
        ['{"body":"x","other":1}', 422],
        [JSON.stringify({ body: "x".repeat(100_001) }), 422],
        [JSON.stringify({ body: "x".repeat(1024 * 1024) }), 413]
      ]
      for (const [text, status] of bodies) await assertSame("POST", notes, { token, body: text }, status)
      await assertSame("POST", notes, { token, body: new Uint8Array([0x7b, 0xff, 0x7d]) }, 400)
      assert.strictEqual((await api.get(notes, { token })).text, before)
    })

    it("notes by another name or of some length, which are added", async () => {
      for (const json of [{ note_body: "x" }, { body: null, note_text: "x" }, { body: "x".repeat(100_000) }]) {
        const [plain, routed] = await both("POST", `${contact}/notes`, { token, json })
        assert.deepStrictEqual([plain.status, routed.status], [201, 201])
      }
    })

    it("sessions that have ended", async () => {
      const user = await api.signUp()
      const own = `/api/v1/contacts/${await addContact(api, user)}`
      assert.strictEqual((await api.get(own, { token: user.token })).status, 200)
      await api.post("/logout", {}, { token: user.token })
      await assertSame("GET", own, { token: user.token }, 401)
    })
  })
})
