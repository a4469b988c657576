import { randomUUID } from "node:crypto"
import { assert, describe, it } from "vitest"
import type { Answer } from "../support/ApiClient.ts"
import { invalid, problem } from "./DocumentedRoutes.ts"
import { request, sendRaw } from "./RawHttp.ts"
import { onEach } from "./Suites.ts"
import { addContact, namesIn } from "./V1Contacts.ts"

const contacts = "/api/v1/contacts"
const underWay = problem(409, "A request with this Idempotency-Key is being answered right now")
const reused = invalid("Idempotency-Key", "was used for another request before")

/** What a client may build on of an answer. */
const essence = ({ headers, status, text }: Answer) => ({
  status,
  text,
  headers: ["content-type", "content-length", "etag", "location"].map((name) => headers.get(name))
})

const isReplayed = ({ headers }: Answer) => headers.get("idempotent-replayed")

onEach("requests of v1 that are sent again", (rookery) => {
  const { api } = rookery

  const setting = async () => {
    const user = await api.signUp()
    const { token } = user
    const send = (key: string, json: unknown = { first_name: "Ada" }, path = contacts) =>
      api.post(path, json, { token, headers: { "idempotency-key": key } })
    const names = async () => namesIn(await api.get(`${contacts}?limit=100`, { token }))
    return { user, token, send, names }
  }

  describe("under one key", () => {
    it("are answered as the first one was, to the byte", async () => {
      const { names, send } = await setting()
      const first = await send("8e03978e-40d5-43dd-bc93-6894a57f9324")
      assert.deepStrictEqual([first.status, isReplayed(first)], [201, null])
      for (const path of [contacts, `${contacts}/`]) {
        const again = await send("8e03978e-40d5-43dd-bc93-6894a57f9324", { first_name: "Ada" }, path)
        assert.deepStrictEqual(essence(again), essence(first))
        assert.strictEqual(isReplayed(again), "true")
      }
      assert.deepStrictEqual(await names(), ["Ada"])
    })

    it("are refused where they are others", async () => {
      const { names, send, token } = await setting()
      const id = await addContact(api, { token }, { first_name: "Eve" })
      await send("key")
      assert.deepStrictEqual((await send("key", { first_name: "Bob" })).body, reused)
      assert.deepStrictEqual((await send("key", { first_name: "Ada", notes: "" })).body, reused)
      assert.deepStrictEqual((await send("key", { first_name: "Ada" }, `${contacts}/${id}/notes`)).body, reused)
      assert.deepStrictEqual(await names(), ["Eve", "Ada"])
    })

    it("are acted on where the key is another, or somebody else's", async () => {
      const [one, other] = [await setting(), await setting()]
      await one.send("key")
      await one.send("KEY")
      await other.send("key", { first_name: "Bob" })
      assert.deepStrictEqual(await one.names(), ["Ada", "Ada"])
      assert.deepStrictEqual(await other.names(), ["Bob"])
    })

    it("are acted on once, also many at once", async () => {
      const { names, send } = await setting()
      const answers = await Promise.all(Array.from({ length: 20 }, () => send("key")))
      assert.deepStrictEqual(await names(), ["Ada"])
      const added = answers.filter((answer) => answer.status === 201)
      assert.lengthOf(
        added.filter((answer) => isReplayed(answer) === null),
        1
      )
      for (const answer of answers.filter(({ status }) => status !== 201)) {
        assert.deepStrictEqual(answer.body, underWay)
        assert.oneOf(answer.headers.get("retry-after"), ["59", "60"])
      }
      assert.strictEqual(new Set(added.map(({ text }) => text)).size, 1)
    })

    it("are told to come back while the first is under way, and act where that never ended", async () => {
      const { names, send, user } = await setting()
      await send("key")
      const held = (until: string) =>
        rookery.query(
          `UPDATE idempotency_keys SET response = NULL, holder = '${randomUUID()}', held_until = now() + interval '${until}'
            WHERE account_id = ${user.id}`
        )
      await held("42 seconds")
      const waiting = await send("key")
      assert.deepStrictEqual([waiting.status, waiting.body], [409, underWay])
      assert.oneOf(waiting.headers.get("retry-after"), ["41", "42"])
      await held("-1 second")
      assert.strictEqual((await send("key")).status, 201)
      assert.deepStrictEqual(await names(), ["Ada", "Ada"])
    })

    it("are remembered for a day, and acted on after that", async () => {
      const { names, send, user } = await setting()
      const age = (hours: string) =>
        rookery.query(
          `UPDATE idempotency_keys SET created_at = created_at - interval '${hours}' WHERE account_id = ${user.id}`
        )
      await send("key")
      await age("23 hours")
      assert.strictEqual(isReplayed(await send("key")), "true")
      await age("1 hour")
      assert.strictEqual(isReplayed(await send("key")), null)
      assert.deepStrictEqual(await names(), ["Ada", "Ada"])
    })

    it("are acted on after errors, which are not remembered", async () => {
      const { names, send, token } = await setting()
      const key = { token, headers: { "idempotency-key": "key", "content-type": "application/json" } }
      assert.strictEqual((await send("key", { first_name: " " })).status, 422)
      assert.strictEqual((await api.request("POST", contacts, { ...key, body: "{" })).status, 400)
      assert.strictEqual((await send("key", { body: "A note" }, `${contacts}/999999/notes`)).status, 404)
      assert.strictEqual((await api.post(contacts, { first_name: "Ada" }, { headers: key.headers })).status, 401)
      assert.strictEqual((await send("key")).status, 201)
      assert.deepStrictEqual(await names(), ["Ada"])
      const rows = await rookery.query(
        "SELECT count(*)::int AS held FROM idempotency_keys WHERE response IS NULL AND held_until > now()"
      )
      // What the test before holds is let go, and nothing else is held.
      assert.deepStrictEqual(rows, [{ held: 0 }])
    })

    it("leave other methods alone", async () => {
      const { token } = await setting()
      const id = await addContact(api, { token })
      const asked = { token, headers: { "idempotency-key": "key" } }
      for (const notes of ["one", "two"]) {
        const answer = await api.request("PATCH", `${contacts}/${id}`, { ...asked, json: { notes } })
        assert.strictEqual((answer.body as { readonly notes: string }).notes, notes)
        assert.isNull(isReplayed(answer))
      }
    })
  })

  it("write one note, and one event", async () => {
    const { send, token } = await setting()
    const id = await addContact(api, { token })
    const path = `${contacts}/${id}/notes`
    const before = (await rookery.counts()) as { readonly outbox: unknown }
    const [first, again] = [await send("key", { body: "Once" }, path), await send("key", { body: "Once" }, path)]
    assert.strictEqual(first.status, 201)
    assert.deepStrictEqual(essence(again), essence(first))
    assert.strictEqual((await api.get(path, { token })).headers.get("x-total-count"), "1")
    const after = (await rookery.counts()) as { readonly outbox: unknown }
    assert.strictEqual(Number(after.outbox) - Number(before.outbox), 1)
  })

  it("take keys of 1 to 255 printable characters, one at a time", async () => {
    const { names, send, token } = await setting()
    for (const key of ["k", "~".repeat(255), '"quoted"', "with spaces, and commas"]) {
      assert.strictEqual((await send(key)).status, 201, key)
    }
    const malformed = invalid("Idempotency-Key", "must be 1 to 255 printable ASCII characters")
    for (const key of ["", "k".repeat(256), "é", "a\tb"]) assert.deepStrictEqual((await send(key)).body, malformed, key)
    assert.lengthOf(await names(), 4)

    const body = JSON.stringify({ first_name: "Ada" })
    const twice = await sendRaw(
      api.url,
      request(
        `POST ${contacts} HTTP/1.1`,
        [
          "Host: x",
          `Authorization: Bearer ${token}`,
          "Content-Type: application/json",
          `Content-Length: ${body.length}`,
          "Idempotency-Key: one",
          "Idempotency-Key: two"
        ],
        body
      )
    )
    assert.strictEqual(twice.status, 400)
    assert.include(twice.body, "The idempotency-key header was sent more than once")
  })

  it("are acted on once by a server that was killed meanwhile", async () => {
    const { names, send } = await setting()
    const keys = Array.from({ length: 60 }, (_, index) => `killed ${index}`)
    const write = (key: string) => send(key, { first_name: key })
    const answered: Array<string> = []
    const writing = keys.map((key) =>
      write(key).then(
        ({ status }) => void (status === 201 && answered.push(key)),
        () => undefined
      )
    )
    while (answered.length < 5) await new Promise((resolve) => setTimeout(resolve, 1))
    rookery.server.process.kill("SIGKILL")
    await rookery.server.ended
    await Promise.all(writing)
    await rookery.start()
    // A minute later, for what the killed one still held.
    await rookery.query(
      "UPDATE idempotency_keys SET held_until = held_until - interval '1 minute' WHERE response IS NULL"
    )
    for (const key of keys) {
      const answer = await write(key)
      assert.strictEqual(answer.status, 201, answer.text)
      if (answered.includes(key)) assert.strictEqual(isReplayed(answer), "true", key)
    }
    assert.sameMembers([...(await names())], keys)
  })
})
