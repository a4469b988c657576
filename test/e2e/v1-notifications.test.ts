import { assert, it } from "vitest"
import { eventually } from "./Eventually.ts"
import { connectedClient } from "./LiveClient.ts"
import { onEach } from "./Suites.ts"
import { requestFriend, signUpTalker, talkerVariables } from "./Talkers.ts"

const path = "/api/v1/notifications"

onEach(
  "notifications of v1",
  ({ api }) => {
    it("tell of contacts and notes of one's own, whatever dialect changed them, and of nothing else", async () => {
      const [ada, eve] = [await api.signUp(), await api.signUp()]
      const [adas, eves] = [
        await connectedClient(api.url, ada.token, { path }),
        await connectedClient(api.url, eve.token, { path })
      ]
      const asked = { token: ada.token }
      const contact = await api.contact(ada)
      await api.put(`/contacts/${contact}`, { name: "Ada King" }, asked)
      await api.request("PATCH", `/api/v1/contacts/${contact}`, { ...asked, json: { company: "Analytical" } })
      const note = await api.note(ada, contact)
      await api.put(`/contacts/${contact}/notes/${note}`, { body: "Another" }, asked)
      await api.delete(`/contacts/${contact}/notes/${note}`, asked)
      const last = await api.note(ada, contact)
      await api.delete(`/api/v1/contacts/${contact}`, asked)
      await eventually(() => assert.include(adas.events, "contact_deleted"))
      const about = { contact_id: contact }
      const told = adas.told.slice(1).map(({ at: _, id: __, timestamp: ___, ...event }) => event)
      assert.deepStrictEqual(told.slice(0, 6), [
        { event: "contact_created", ...about },
        { event: "contact_updated", ...about },
        { event: "contact_updated", ...about },
        { event: "note_created", ...about, note_id: note },
        { event: "note_updated", ...about, note_id: note },
        { event: "note_deleted", ...about, note_id: note }
      ])
      assert.deepInclude(told, { event: "note_created", ...about, note_id: last })
      assert.deepStrictEqual(told.at(-1), { event: "contact_deleted", ...about })
      // Eve is told of hers, which come after all that.
      const hers = await api.contact(eve)
      await eves.until(2)
      assert.deepStrictEqual(
        eves.told.map(({ contact_id, event }) => [event, contact_id]),
        [
          ["connected", undefined],
          ["contact_created", hers]
        ]
      )
    })

    it("go on where they stopped, and leave talk to talk", async () => {
      const talker = await signUpTalker(api)
      const [reading, talking] = [
        await connectedClient(api.url, talker.token, { path }),
        await connectedClient(api.url, talker.token)
      ]
      const contact = await api.contact(talker)
      await requestFriend(api, talker, await signUpTalker(api))
      await api.note(talker, contact)
      await reading.until(3)
      await talking.until(2)
      assert.deepStrictEqual(reading.events, ["connected", "contact_created", "note_created"])
      assert.deepStrictEqual(talking.events, ["connected", "contacts_updated"])
      const [, { id: first } = { id: Number.NaN }] = reading.told
      const again = await connectedClient(api.url, talker.token, { path, since: first })
      await again.until(2)
      assert.deepStrictEqual(again.events, ["connected", "note_created"])
      assert.isTrue(again.told[0]?.resumed)
    })

    it("open in a browser's way, which has the token in no URL", async () => {
      const user = await api.signUp()
      const open = (protocols: Array<string>) => new WebSocket(`${api.url.replace("http", "ws")}${path}`, protocols)
      const socket = open(["bearer", user.token])
      const messages: Array<string> = []
      socket.addEventListener("message", ({ data }) => messages.push(String(data)))
      await eventually(() => assert.lengthOf(messages, 1))
      assert.strictEqual(socket.protocol, "bearer")
      assert.include(messages[0], '"event":"connected"')
      await api.contact(user)
      await eventually(() => assert.include(messages[1], "contact_created"))
      socket.close()
      const refused = open(["bearer", `${user.token}x`])
      let failed = false
      refused.addEventListener("error", () => {
        failed = true
      })
      await eventually(() => assert.isTrue(failed))
    })
  },
  { env: talkerVariables }
)
