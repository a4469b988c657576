import { Schema } from "effect"
import { once } from "node:events"
import { get, type IncomingMessage } from "node:http"
import { assert, describe, it } from "vitest"
import type { User } from "../support/ApiClient.ts"
import { hasProcessMemory, peakRise } from "./ProcessMemory.ts"
import { type LiveRookery, onEach, server } from "./Suites.ts"

const Items = Schema.Array(Schema.Struct({ id: Schema.Int }))
const idsOf = (json: string) => Schema.decodeUnknownSync(Schema.fromJsonString(Items))(json).map(({ id }) => id)

const open = async ({ server }: LiveRookery, path: string, { token }: User): Promise<IncomingMessage> => {
  const request = get(`${server.url}${path}`, { agent: false, headers: { authorization: `Bearer ${token}` } })
  const [response] = (await once(request, "response")) as [IncomingMessage]
  assert.strictEqual(response.statusCode, 200)
  return response.setEncoding("utf8")
}

const warmUp = async ({ api }: LiveRookery, user: User, path: string) => {
  for (let count = 0; count < 20; count++) await api.get(path, { token: user.token })
}

describe.skipIf(!hasProcessMemory)("memory, on Linux", () => {
  onEach(
    "a long list",
    (rookery) => {
      const { api } = rookery

      it("of 100,000 contacts is complete and in order, and costs the server less than 100 MB", async () => {
        const user = await api.signUp()
        await rookery.query(`INSERT INTO contacts (account_id, first_name, last_name, email, phone, search_text)
          SELECT ${user.id}, 'First ' || n, 'Last ' || n, n || '@example.com', '+49' || 1000000 + n, 'first ' || n
          FROM generate_series(1, 100000) AS n`)
        const stored = await rookery.query(`SELECT id FROM contacts WHERE account_id = ${user.id} ORDER BY id`)
        await warmUp(rookery, await api.signUp(), "/contacts")
        let listed = ""
        const rise = await peakRise(rookery.server, async () => {
          for await (const chunk of await open(rookery, "/contacts", user)) listed += chunk
        })
        const ids = idsOf(listed)
        assert.lengthOf(ids, 100_000)
        assert.deepStrictEqual(
          ids,
          stored.map((row) => Schema.decodeUnknownSync(Items.value)(row).id)
        )
        assert.isBelow(rise, 100)
      }, 120_000)

      it("of 1,500 notes of 98 KB each costs as little, however slowly it is read", async () => {
        const user = await api.signUp()
        const contact = await api.contact(user)
        const [length, count] = [98_000, 1500]
        await rookery.query(`INSERT INTO notes (contact_id, account_id, body, event_id, processing_status)
          SELECT ${contact}, ${user.id}, repeat('#', ${length}), gen_random_uuid(), 'off'
          FROM generate_series(1, ${count})`)
        const other = await api.signUp()
        await warmUp(rookery, other, `/contacts/${await api.contact(other)}/notes`)
        // What is left without the texts is short.
        let frame = ""
        let texts = 0
        const rise = await peakRise(rookery.server, async () => {
          const response = await open(rookery, `/contacts/${contact}/notes`, user)
          for await (const chunk of response) {
            const rest = String(chunk).replaceAll("#", "")
            texts += String(chunk).length - rest.length
            frame += rest
            // A reader that takes its time: some 25 MB a second.
            await new Promise((resolve) => setTimeout(resolve, 2))
          }
        })
        const ids = idsOf(frame)
        assert.lengthOf(ids, count)
        assert.deepStrictEqual(
          ids,
          ids.toSorted((a, b) => a - b)
        )
        assert.strictEqual(texts, length * count)
        assert.isBelow(rise, 100)
      }, 120_000)
    },
    { only: [server] }
  )
})
