import { assert, it } from "vitest"
import type { User } from "../support/ApiClient.ts"
import { stopRookery } from "../support/RookeryServer.ts"
import { eventually } from "./Eventually.ts"
import { request, sendRaw } from "./RawHttp.ts"
import { type LiveRookery, onEach } from "./Suites.ts"

const sleep = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))
const contact = JSON.stringify({ name: "Ada Lovelace" })
const note = JSON.stringify({ body: "Half a note is none" })

/** A request that is sent in two halves, the second when it is told to. */
const halfway = ({ server }: LiveRookery, { token }: User, path: string, json: string) => {
  const head = request(`POST ${path} HTTP/1.1`, [
    "Host: localhost",
    `Authorization: Bearer ${token}`,
    "Content-Type: application/json",
    `Content-Length: ${json.length}`
  ])
  let finish = () => {}
  const answer = sendRaw(server.url, `${head}${json.slice(0, 10)}`, {
    patience: 15_000,
    more: (socket) => {
      finish = () => void socket.write(json.slice(10))
    }
  })
  return { answer, finish: () => finish() }
}

onEach("stopping", (rookery) => {
  const { api } = rookery

  it("lets a request under way end, takes no other, and leaves with 0", async () => {
    const user = await api.signUp()
    const started = halfway(rookery, user, "/contacts", contact)
    await sleep(200)
    rookery.server.process.kill("SIGTERM")
    await eventually(async () => {
      const refused = await api.get("/health").catch(() => undefined)
      assert.isUndefined(refused, "it still listens")
    })
    assert.isNull(rookery.server.process.exitCode)
    started.finish()
    const { body, status } = await started.answer
    assert.strictEqual(status, 201, body)
    assert.strictEqual(await rookery.server.ended, 0)
    await rookery.start()
    const list = await api.get("/contacts", { token: user.token })
    assert.deepStrictEqual(list.body, [JSON.parse(body)])
  })

  it("waits a few seconds, not for ever, for who does not finish; Ctrl-C does the same", async () => {
    const user = await api.signUp()
    const answers = [
      halfway(rookery, user, "/contacts", contact).answer,
      halfway(rookery, user, `/api/v1/contacts/${await api.contact(user)}/notes`, note).answer
    ]
    await sleep(200)
    const started = performance.now()
    rookery.server.process.kill("SIGINT")
    assert.strictEqual(await rookery.server.ended, 0)
    const seconds = (performance.now() - started) / 1000
    assert.isTrue(seconds > 3 && seconds < 9, `${seconds} s`)
    for (const { status } of await Promise.all(answers)) assert.notStrictEqual(status, 201)
    await rookery.start()
    assert.lengthOf((await api.get("/contacts", { token: user.token })).body as ReadonlyArray<unknown>, 1)
  })

  it("goes at once where nobody asks for anything", async () => {
    await api.get("/health")
    const started = performance.now()
    await stopRookery(rookery.server)
    assert.isBelow(performance.now() - started, 2500)
    assert.strictEqual(await rookery.server.ended, 0)
    await rookery.start()
  })
})

onEach("kill -9 among writes", (rookery) => {
  const { api } = rookery

  it("loses nothing that was answered", async () => {
    const user = await api.signUp()
    const contact = await api.contact(user)
    const answered = new Map<number, string>()
    for (let round = 1; round <= 2; round++) {
      let writing = true
      const write = async (writer: number) => {
        for (let count = 0; writing; count++) {
          const body = `${round} ${writer} ${count}`
          const answer = await api
            .post(`/contacts/${contact}/notes`, { body }, { token: user.token })
            .catch(() => undefined)
          if (answer?.status === 201) answered.set((answer.body as { readonly id: number }).id, body)
        }
      }
      const writers = Array.from({ length: 8 }, (_, writer) => write(writer))
      const before = answered.size
      await eventually(() => assert.isAbove(answered.size, before + 200), 15_000)
      rookery.server.process.kill("SIGKILL")
      assert.strictEqual(await rookery.server.ended, "SIGKILL")
      writing = false
      await Promise.all(writers)
      await rookery.start()
      const listed = await api.get(`/contacts/${contact}/notes`, { token: user.token })
      const notes = new Map(
        (listed.body as ReadonlyArray<{ readonly id: number; readonly body: string }>).map(({ body, id }) => [id, body])
      )
      for (const [id, body] of answered) assert.strictEqual(notes.get(id), body)
      // A request that was cut off may have been done; one for each writer.
      assert.isAtMost(notes.size - answered.size, 8 * round)
    }
    assert.isAbove(await api.note(user, contact, "And on it goes"), 0)
  }, 120_000)
})
