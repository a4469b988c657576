import { assert, describe, it } from "vitest"
import type { Answer } from "../support/ApiClient.ts"
import { onEach } from "./Suites.ts"

const many = 12

/** The same question many times at once. */
const atOnce = (ask: (index: number) => Promise<Answer>) => Promise.all(Array.from({ length: many }, (_, n) => ask(n)))

const statuses = (answers: ReadonlyArray<Answer>) => answers.map(({ status }) => status).sort((a, b) => a - b)
const times = (count: number, status: number) => Array.from({ length: count }, () => status)

onEach("at once", (rookery) => {
  const { api } = rookery

  describe("one of many", () => {
    it("gets a username, and one an e-mail address, however they spell it", async () => {
      const username = `Wanted-${api.username()}`.slice(0, 40)
      const password = api.password()
      const spell = (text: string, index: number) => (index % 2 === 0 ? text.toUpperCase() : text.toLowerCase())
      const named = await atOnce((index) => api.post("/auth/register", { username: spell(username, index), password }))
      assert.deepStrictEqual(statuses(named), [201, ...times(many - 1, 409)])
      const person = { first_name: "Ada", last_name: "Lovelace", password }
      const mailed = await atOnce((index) =>
        api.post("/register", { ...person, email: spell(`${username}@example.com`, index) })
      )
      assert.deepStrictEqual(statuses(mailed), [201, ...times(many - 1, 409)])
    })

    it("ends a session", async () => {
      const { refreshToken, token } = await api.signUp()
      const answers = await atOnce((index) =>
        api.post("/auth/logout", undefined, { token: index % 2 === 0 ? token : refreshToken })
      )
      assert.deepStrictEqual(statuses(answers), [200, ...times(many - 1, 401)])
    })

    it("deletes a note, and one a contact", async () => {
      const user = await api.signUp()
      const contact = await api.contact(user)
      const note = await api.note(user, contact)
      const notes = await atOnce(() => api.delete(`/contacts/${contact}/notes/${note}`, { token: user.token }))
      assert.deepStrictEqual(statuses(notes), [200, ...times(many - 1, 404)])
      const contacts = await atOnce(() => api.delete(`/contacts/${contact}`, { token: user.token }))
      assert.deepStrictEqual(statuses(contacts), [200, ...times(many - 1, 404)])
    })
  })

  it("all refresh a session", async () => {
    const { refreshToken } = await api.signUp()
    const answers = await atOnce(() => api.post("/auth/refresh", undefined, { token: refreshToken }))
    assert.deepStrictEqual(statuses(answers), times(many, 200))
  })

  it("lets nobody stand in another's way on one contact: no deadlock, no 500, nothing left of what is gone", async () => {
    const user = await api.signUp()
    const { token } = user
    for (let round = 0; round < 5; round++) {
      const contact = await api.contact(user)
      const notes = await Promise.all(Array.from({ length: 6 }, () => api.note(user, contact)))
      const path = `/contacts/${contact}`
      const note = (index: number) => `${path}/notes/${notes[index % notes.length]}`
      const answers = await Promise.all([
        ...notes.map((_, index) => api.put(note(index), { body: `Changed ${round}` }, { token })),
        ...notes.map((_, index) => api.put(path, { name: `Name ${index}` }, { token })),
        ...notes.map(() => api.post(`${path}/notes`, { body: "Another" }, { token })),
        api.delete(note(0), { token }),
        api.delete(path, { token }),
        ...notes.map((_, index) => api.put(note(index), { body: `Changed again ${round}` }, { token })),
        ...notes.map(() => api.post(`${path}/notes`, { body: "Too late?" }, { token })),
        api.get(`${path}/notes`, { token })
      ])
      for (const answer of answers) assert.include([200, 201, 404], answer.status, answer.text)
      assert.strictEqual((await api.get(path, { token })).status, 404)
      const left = await rookery.query(`SELECT count(*) AS notes FROM notes WHERE contact_id = ${contact}`)
      assert.deepStrictEqual(left, [{ notes: 0 }])
    }
  })

  it("answers hundreds at a time", async () => {
    const user = await api.signUp()
    const contact = await api.contact(user)
    const answers = await Promise.all(
      Array.from({ length: 400 }, (_, index) =>
        index % 2 === 0
          ? api.post(`/contacts/${contact}/notes`, { body: `Note ${index}` }, { token: user.token })
          : api.get(`/contacts/${contact}`, { token: user.token })
      )
    )
    assert.deepStrictEqual(statuses(answers), [...times(200, 200), ...times(200, 201)])
    const listed = (await api.get(`/contacts/${contact}/notes`, { token: user.token })).body
    assert.lengthOf(listed as ReadonlyArray<unknown>, 200)
  })
})
