import { assert, it } from "vitest"
import { assertFits, committed, readDocument } from "../support/AsyncApi.ts"
import { eventually } from "./Eventually.ts"
import { LiveClient } from "./LiveClient.ts"
import { embedded, onEach } from "./Suites.ts"
import { acceptFriend, requestFriend, sendText, signUpTalker, type Talker, talkerVariables } from "./Talkers.ts"

const channels = Object.values(readDocument(committed).channels)

/** Which messages the document has on a path. */
const documented = (path: string): ReadonlyArray<string> =>
  Object.keys(channels.find(({ address }) => address === path)?.messages ?? {})

/** By nothing but the document. */
const fits = (message: string, body: unknown): boolean => {
  try {
    assertFits(message, body)
    return true
  } catch {
    return false
  }
}

onEach(
  "what comes over the WebSockets",
  ({ api }) => {
    /** Everything that comes over one of them, as it came. */
    const listen = async ({ token }: Talker, path: string, since?: number) => {
      const received: Array<unknown> = []
      const client = new LiveClient(api.url, token, { path, since })
      client.socket.on("message", (data) => received.push(JSON.parse(data.toString())))
      await client.until(1)
      return { client, received }
    }

    /** Each is exactly one of the messages that the document has there; and each of those came. */
    const assertDocumented = (path: string, received: ReadonlyArray<unknown>) => {
      const messages = documented(path)
      const kinds = received.map((body) => {
        const found = messages.filter((message) => fits(message, body))
        assert.lengthOf(found, 1, JSON.stringify(body))
        return found[0]
      })
      assert.sameMembers([...new Set(kinds)], [...messages])
    }

    it("is what /asyncapi.json says: talk", async () => {
      assert.strictEqual((await api.get("/asyncapi.json")).text, committed)
      const path = "/api/notifications"
      const [ada, bob] = [await signUpTalker(api), await signUpTalker(api)]
      const { client, received } = await listen(bob, path)
      await requestFriend(api, ada, bob)
      await acceptFriend(api, bob, ada)
      await sendText(api, ada, bob, "Hello")
      await client.next("messages_updated", 0, ada.phone)
      const again = await listen(bob, path, 1)
      await again.client.until(3)
      const lost = await listen(bob, path, 99)
      assertDocumented(path, [...received, ...again.received, ...lost.received])
      assert.deepStrictEqual(
        [again, lost].map(({ client }) => client.told[0]?.resumed),
        [true, false]
      )
    })

    it("is what /asyncapi.json says: the address book", async () => {
      const path = "/api/v1/notifications"
      const ada = await signUpTalker(api)
      const { client, received } = await listen(ada, path)
      const contact = await api.contact(ada)
      await api.put(`/contacts/${contact}`, { name: "Ada King" }, ada)
      const note = await api.note(ada, contact)
      await api.put(`/contacts/${contact}/notes/${note}`, { body: "Another" }, ada)
      await api.delete(`/contacts/${contact}/notes/${note}`, ada)
      await api.delete(`/contacts/${contact}`, ada)
      await eventually(() => assert.include(client.events, "contact_deleted"))
      const changes = ["created", "updated", "deleted"]
      assert.includeMembers(
        [...client.events],
        ["contact", "note"].flatMap((what) => changes.map((change) => `${what}_${change}`))
      )
      const again = await listen(ada, path, 1)
      assertDocumented(path, [...received, ...again.received])
    })
  },
  { env: talkerVariables, only: [embedded] }
)
