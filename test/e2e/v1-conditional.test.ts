import { assert, describe, it } from "vitest"
import type { Answer } from "../support/ApiClient.ts"
import { problem } from "./DocumentedRoutes.ts"
import { onEach } from "./Suites.ts"
import { addContact } from "./V1Contacts.ts"

onEach("conditional requests of v1", (rookery) => {
  const { api } = rookery
  const changed = problem(412, "The contact has changed since it was read")
  const tagOf = (answer: Answer) => answer.headers.get("etag") ?? ""

  const setting = async () => {
    const { token } = await api.signUp()
    const path = `/api/v1/contacts/${await addContact(api, { token }, { notes: "as it was" })}`
    const read = (headers: Readonly<Record<string, string>> = {}) => api.get(path, { token, headers })
    const write = (method: string, headers: Readonly<Record<string, string>>, json?: object) =>
      api.request(method, path, { token, headers, json })
    return { path, token, read, write, tag: tagOf(await read()) }
  }
  const whole = { first_name: "Ada", last_name: null, email: null, phone: null, birthday: null, notes: null }

  describe("the tag of a contact", () => {
    it("is strong, and stays while nothing changes", async () => {
      const { read, tag } = await setting()
      assert.match(tag, /^"[\w-]+"$/)
      assert.strictEqual(tagOf(await read()), tag)
      assert.strictEqual(tagOf(await read({ "if-none-match": '"other"' })), tag)
    })

    it("comes with everything that answers the contact, and is that of a read after it", async () => {
      const { read, token, write } = await setting()
      const tags: Array<string> = []
      for (const [method, json] of [
        ["PATCH", { notes: "changed" }],
        ["PUT", { ...whole, notes: "replaced" }],
        ["PATCH", { company: "X" }]
      ] as const) {
        const answer = await write(method, {}, json)
        assert.strictEqual(tagOf(answer), tagOf(await read()))
        tags.push(tagOf(answer))
      }
      assert.strictEqual(new Set(tags).size, tags.length)
      const added = await api.post("/api/v1/contacts", { first_name: "Eve" }, { token })
      const there = new URL(added.headers.get("location") ?? "").pathname
      assert.strictEqual(tagOf(added), tagOf(await api.get(there, { token })))
    })

    it("changes with a change in another dialect", async () => {
      const { path, read, tag, token } = await setting()
      await api.put(path.replace("/api/v1", ""), { name: "Ada King" }, { token })
      assert.notStrictEqual(tagOf(await read()), tag)
    })
  })

  describe("If-None-Match", () => {
    it("gets 304 without bytes while the contact is known", async () => {
      const { read, tag } = await setting()
      for (const header of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
        const answer = await read({ "if-none-match": header })
        assert.deepStrictEqual([answer.status, answer.text, tagOf(answer)], [304, "", tag], header)
      }
    })

    it("gets the contact when it has changed", async () => {
      const { read, tag, write } = await setting()
      await write("PATCH", {}, { notes: "changed" })
      assert.strictEqual((await read({ "if-none-match": tag })).status, 200)
    })

    it("says 404 rather than 304 where there is nothing", async () => {
      const { token } = await setting()
      const answer = await api.get("/api/v1/contacts/999999", { token, headers: { "if-none-match": "*" } })
      assert.strictEqual(answer.status, 404)
    })

    it("keeps a write from what is known", async () => {
      const { read, tag, write } = await setting()
      for (const header of [tag, "*"]) {
        const answer = await write("PATCH", { "if-none-match": header }, { notes: "lost" })
        assert.deepStrictEqual(answer.body, changed)
      }
      assert.strictEqual(tagOf(await read()), tag)
    })
  })

  describe("If-Match", () => {
    it("lets a write through while the contact is as it was read", async () => {
      for (const [method, json] of [
        ["PATCH", { notes: "changed" }],
        ["PUT", whole],
        ["DELETE", undefined]
      ] as const) {
        for (const header of [(tag: string) => tag, (tag: string) => `"other",${tag}`, () => "*"]) {
          const { tag, write } = await setting()
          const { status } = await write(method, { "if-match": header(tag) }, json)
          assert.strictEqual(status, method === "DELETE" ? 204 : 200, `${method} ${header('"tag"')}`)
        }
      }
    })

    it("keeps every write from what has changed since, and from what is only weakly the same", async () => {
      const { read, tag, write } = await setting()
      const now = tagOf(await write("PATCH", { "if-match": tag }, { notes: "changed" }))
      for (const header of [tag, `W/${now}`, '"other"', ""]) {
        for (const [method, json] of [
          ["PATCH", { notes: "lost" }],
          ["PUT", whole],
          ["DELETE", undefined]
        ] as const) {
          const answer = await write(method, { "if-match": header }, json)
          assert.strictEqual(answer.status, 412, `${method} ${header}`)
          assert.deepStrictEqual(answer.body, changed)
        }
      }
      assert.strictEqual(tagOf(await read()), now)
      assert.strictEqual((await read({ "if-match": tag })).status, 412)
    })

    it("lets one of many through that change the same at once", async () => {
      const { read, tag, write } = await setting()
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => write("PATCH", { "if-match": tag }, { notes: String(index) }))
      )
      const won = answers.filter((answer) => answer.status === 200)
      assert.lengthOf(won, 1)
      assert.lengthOf(
        answers.filter((answer) => answer.status === 412),
        9
      )
      assert.strictEqual(won[0]?.text, (await read()).text)
    })
  })
})
