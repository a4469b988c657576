import { Arbitrary, Effect } from "effect"
import { assert, describe, expect, it } from "vitest"
import { FullName } from "../../src/domain/contacts/FullName.ts"
import { textsOf } from "../contracts/Texts.ts"
import type { User } from "../support/ApiClient.ts"
import { onEach } from "./Suites.ts"

const names = [
  "Ada",
  "Ada Lovelace",
  "Ada King Lovelace",
  " Ada",
  "Ada ",
  " Ada ",
  "  Ada  Lovelace  ",
  "Ada  Lovelace",
  "Ada   Lovelace",
  "Ada\tLovelace",
  "\tAda Lovelace",
  "\t Ada",
  " \t Ada",
  "\u00a0 Ada",
  "\u2003 Ada",
  "\ufeff Ada",
  "Ada \u00a0",
  "Ada\nLovelace",
  "\n Ada",
  "Ada \n",
  "José María",
  "Jose\u0301 Mari\u0301a",
  "Ægir Þórsson",
  "李 小龍",
  "عمر الخيام",
  "👩‍🚀 Ada 🥊",
  "👩‍🚀",
  "\u200b Ada",
  "'; DROP TABLE contacts; --",
  '<b>Ada</b> & "Co" \\ /',
  "%_%",
  "null",
  "x".repeat(255),
  `${"x".repeat(127)} ${"y".repeat(127)}`,
  ` ${"x".repeat(254)}`,
  `${"x".repeat(254)} `
]

onEach("names", (rookery) => {
  const { api } = rookery
  const fields = async ({ token }: User, id: number) => (await api.get(`/contacts/${id}`, { token })).body

  it("are read back to the letter, created or changed, alone or in the list", async () => {
    const user = await api.signUp()
    const { token } = user
    const other = await api.contact(user, { name: "Somebody Else" })
    const ids: Array<number> = []
    for (const name of names) {
      const created = await api.post("/contacts", { name }, { token })
      expect(created).toMatchObject({ status: 201, body: { name } })
      const { id } = created.body as { readonly id: number }
      ids.push(id)
      expect(await fields(user, id)).toStrictEqual(created.body)
      const changed = await api.put(`/contacts/${other}`, { name }, { token })
      expect(changed).toMatchObject({ status: 200, body: { id: other, name } })
      expect(await fields(user, other)).toMatchObject({ name })
    }
    const list = await api.get("/contacts", { token })
    expect(list.body).toMatchObject([{ id: other }, ...names.map((name, index) => ({ id: ids[index], name }))])
  })

  it("are read back to the letter, whatever they are", async () => {
    const user = await api.signUp()
    const id = await api.contact(user)
    const sample = await Effect.runPromise(Arbitrary.sampleEffect(textsOf(FullName), { count: 100 }))
    for (const name of sample) {
      const changed = await api.put(`/contacts/${id}`, { name }, { token: user.token })
      expect(changed).toMatchObject({ status: 200, body: { name } })
      expect(await fields(user, id)).toMatchObject({ name })
    }
  })

  it("have first and last names behind them that stay when the name is written as it is", async () => {
    const user = await api.signUp()
    const id = await api.contact(user, { name: "Ada King Lovelace" })
    const sql = await rookery.sql()
    const parts = () => Effect.runPromise(sql`SELECT first_name, last_name FROM contacts WHERE id = ${id}`)
    expect(await parts()).toStrictEqual([{ firstName: "Ada", lastName: "King Lovelace" }])
    // As another dialect may write them.
    await Effect.runPromise(sql`UPDATE contacts SET first_name = 'Ada King', last_name = 'Lovelace' WHERE id = ${id}`)
    await api.put(`/contacts/${id}`, { name: "Ada King Lovelace", email: "ada@example.com" }, { token: user.token })
    expect(await parts()).toStrictEqual([{ firstName: "Ada King", lastName: "Lovelace" }])
    await api.put(`/contacts/${id}`, { name: "Ada Lovelace" }, { token: user.token })
    expect(await parts()).toStrictEqual([{ firstName: "Ada", lastName: "Lovelace" }])
  })

  it("are at most 255 characters and something to read", async () => {
    const { token } = await api.signUp()
    for (const [name, error] of [
      ["x".repeat(256), /^name /],
      ["", /^Name is required$/],
      [" \t\n\u00a0\u3000\ufeff", /^Name is required$/]
    ] as const) {
      const answer = await api.post("/contacts", { name }, { token })
      assert.strictEqual(answer.status, 400)
      assert.match((answer.body as { readonly error: string }).error, error)
    }
  })

  describe("PUT", () => {
    const whole = { name: "Ada Lovelace", email: "ada@example.com", phone_number: "+4430123456" }

    it("changes what it names and leaves the rest", async () => {
      const user = await api.signUp()
      const id = await api.contact(user, whole)
      const put = async (change: object) => (await api.put(`/contacts/${id}`, change, { token: user.token })).body
      expect(await put({ name: "Ada King" })).toMatchObject({ ...whole, name: "Ada King" })
      expect(await put({ email: "king@example.com" })).toMatchObject({
        ...whole,
        name: "Ada King",
        email: "king@example.com"
      })
      expect(await put({})).toMatchObject({ ...whole, name: "Ada King", email: "king@example.com" })
      expect(await put(whole)).toMatchObject(whole)
    })

    it("clears e-mail and phone by null", async () => {
      const user = await api.signUp()
      const id = await api.contact(user, whole)
      const put = async (change: object) => (await api.put(`/contacts/${id}`, change, { token: user.token })).body
      expect(await put({ phone_number: null })).toMatchObject({ ...whole, phone_number: null })
      expect(await put({ email: null })).toMatchObject({ ...whole, email: null, phone_number: null })
      expect(await fields(user, id)).toMatchObject({ name: whole.name, email: null, phone_number: null })
      const created = await api.post("/contacts", { ...whole, email: null, phone_number: null }, { token: user.token })
      expect(created.body).toMatchObject({ email: null, phone_number: null })
    })

    it("passes over what it gave out itself", async () => {
      const user = await api.signUp()
      const id = await api.contact(user, whole)
      const read = await fields(user, id)
      const answer = await api.put(`/contacts/${id}`, read, { token: user.token })
      expect(answer).toMatchObject({ status: 200, body: read as object })
      const forged = await api.put(`/contacts/${id}`, { id: 1, user_id: 1, name: "Ada" }, { token: user.token })
      expect(forged.body).toMatchObject({ id, user_id: user.id, name: "Ada" })
    })

    it("loses none of many changes at once", async () => {
      const user = await api.signUp()
      const id = await api.contact(user, { name: "Ada" })
      const changes = [{ name: "Ada King" }, { email: "king@example.com" }, { phone_number: "1234567" }]
      for (let round = 0; round < 5; round++) {
        await api.put(`/contacts/${id}`, { name: "Ada", email: null, phone_number: null }, { token: user.token })
        const put = (change: object) => api.put(`/contacts/${id}`, change, { token: user.token })
        await Promise.all(changes.map(put))
        expect(await fields(user, id)).toMatchObject(Object.assign({}, ...changes))
      }
    })
  })

  it("keep phone numbers and e-mail addresses beside them as they were written", async () => {
    const user = await api.signUp()
    for (const phone_number of ["09068641485", "+2349068641485", "0000000", "123456789012345", "+123456789012345"]) {
      const id = await api.contact(user, { name: "Ada", phone_number })
      expect(await fields(user, id)).toMatchObject({ phone_number })
    }
    for (const email of ["Ada.Lovelace+x@Example.COM", "o'brien@example.co.uk", `${"x".repeat(64)}@example.com`]) {
      const id = await api.contact(user, { name: "Ada", email })
      expect(await fields(user, id)).toMatchObject({ email })
    }
  })
})
