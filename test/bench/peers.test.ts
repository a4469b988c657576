import { createHash } from "node:crypto"
import { assert, expect, it } from "vitest"
import { eventually } from "../e2e/Eventually.ts"
import { connectedClient, type LiveClient } from "../e2e/LiveClient.ts"
import type { Talker } from "../e2e/Talkers.ts"
import type { ApiClient } from "../support/ApiClient.ts"
import { seen, withoutValuesOf } from "./Alike.ts"
import { contacts, fields } from "./PeerPeople.ts"
import { onPeers } from "./PeerSuites.ts"

const idOf = (body: unknown): number => (body as { id: number }).id

/** Waits until that many have come, and says what of them is the same each time. */
const told = async (client: LiveClient, count: number) =>
  (await client.until(count)).map(({ at: _, ...event }) => withoutValuesOf("id", "timestamp", "note_id")(event))

const sendTo = (api: ApiClient, { token }: Talker, { phone }: Talker, message = "Are you there yet?") =>
  api.post("/api/messages/send", { phone_number: `+${phone}`, message_type: "text", message }, { token })

onPeers("what Rookery is measured against", (beside) => {
  it("answers with one contact", async () => {
    const token = beside.people.ada.token
    const answer = await beside.alike(async (api) =>
      seen(await api.get(`${contacts}/${beside.people.mary}`, { token }))
    )
    expect(answer).toMatchObject({ status: 200, body: { id: beside.people.mary, ...fields[0], email: null } })
  })

  it.each([
    ["", 4],
    ["?limit=2&skip=1", 2],
    ["?skip=2&limit=3", 2],
    ["?skip=100", 0],
    ["?search=SOMER", 1],
    ["?search=sergiy%40EXAMPLE", 1],
    ["?search=%C3%A9MILIE", 1],
    ["?search=%D0%A1%D0%95%D0%A0%D0%93", 1],
    ["?search=%25", 1],
    ["?search=example.com&limit=1", 1],
    ["?search=e&skip=1&limit=1", 1],
    ["?search=_", 0],
    ["?search=%20", 4]
  ])("answers with the part %s of the list", async (query, count) => {
    const token = beside.people.ada.token
    const answer = await beside.alike(async (api) => seen(await api.get(`${contacts}${query}`, { token })))
    expect((answer as { body: unknown }).body).toHaveLength(count)
  })

  it("writes a note and its event in one transaction", async () => {
    const write = async (api: ApiClient) => {
      const asked = { token: beside.people.ada.token }
      const answer = await api.post(
        `${contacts}/${beside.people.mary}/notes`,
        { body: "Ask about\n“the” engine" },
        asked
      )
      const id = idOf(answer.body)
      const { location, ...rest } = seen(answer)
      assert.strictEqual(location, `${contacts}/${beside.people.mary}/notes/${id}`)
      const subject = `contacts/${beside.people.mary}/notes/${id}`
      // Rookery leases it to its own relay, which peers do without.
      const rows = await beside.rookery.query(`SELECT note.xmin = written.transaction AS "sameTransaction", note.body,
          note.contact_id AS contact, note.account_id AS account, note.processing_status AS status,
          event->>'event_id' = note.event_id::text AS "sameEvent",
          (event->'data'->>'id')::bigint = note.id AS "sameNote", event - 'holder' AS event
        FROM notes AS note JOIN written ON event->>'subject' = '${subject}' WHERE note.id = ${id}`)
      const varying = ["id", "event_id", "subject", "occurred_at", "available_at", "created_at", "updated_at"]
      return withoutValuesOf(...varying)({ ...rest, rows })
    }
    const answer = await beside.alike(write)
    expect(answer).toMatchObject({
      status: 201,
      rows: [{ sameTransaction: true, sameEvent: true, sameNote: true, event: { destination: "broker" } }]
    })
  })

  it("signs in by password and keeps the session", async () => {
    const { id, password, username } = beside.people.eve
    const headers = { "user-agent": `bench of ${beside.peer.name}` }
    const signIn = (api: ApiClient, form: Record<string, string>) =>
      api.request("POST", "/api/v1/auth/login", { form, headers })
    const varying = ["access_token", "refresh_token"]
    await beside.alike(async (api) => {
      const answer = await signIn(api, { username: username.toUpperCase(), password })
      const { access_token, refresh_token } = answer.body as Record<string, string>
      const opened = await api.get(`${contacts}/${beside.people.foreign}`, { token: access_token })
      const refused = await api.get(`${contacts}/${beside.people.foreign}`, { token: refresh_token })
      const hash = createHash("sha256")
        .update(refresh_token ?? "")
        .digest("hex")
      const sessions = await beside.rookery.query(`SELECT account_id, dialect, user_agent, ended_at, refresh_generation,
          round(extract(epoch FROM expires_at - created_at)) AS seconds
        FROM sessions WHERE refresh_token_hash = '\\x${hash}'`)
      assert.lengthOf(sessions, 1)
      return {
        sessions,
        statuses: [opened.status, refused.status],
        ...(withoutValuesOf(...varying)(seen(answer)) as object)
      }
    })
    for (const form of [
      { username, password: `${password}x` },
      { username: "nobody", password },
      { username: String(id), password }
    ]) {
      expect(await beside.alike(async (api) => (await signIn(api, form)).status)).toBe(401)
    }
  })

  it("sends a message to a friend who is connected", async () => {
    const { asked, friend, stranger, talker } = beside.people
    const varying = withoutValuesOf("id", "created_at")
    const talk = async (api: ApiClient) => {
      const [friends, own] = [
        await connectedClient(api.url, friend.token),
        await connectedClient(api.url, talker.token)
      ]
      const answer = await sendTo(api, talker, friend, 'A "text" ☃')
      const [message] = (answer.body as { messages: ReadonlyArray<{ id: number }> }).messages
      const events = { friend: await told(friends, 2), own: await told(own, 2) }
      friends.socket.close()
      own.socket.close()
      const rows = await eventually(async () => {
        const found = await beside.rookery.query(`SELECT kind, body, status, sender_id, receiver_id, low_id, high_id
          FROM messages WHERE id = ${message?.id}`)
        expect(found).toMatchObject([{ status: "delivered" }])
        return found
      })
      const log = await beside.rookery.query(
        `SELECT DISTINCT ON (account_id) account_id, notification FROM notifications ORDER BY account_id, id DESC`
      )
      return { ...(varying(seen(answer)) as object), events, rows, log }
    }
    const unread = async () => {
      const [row] = (await beside.rookery.query(
        "SELECT sum(unread_messages)::int AS unread FROM friendships"
      )) as ReadonlyArray<{
        unread: number
      }>
      return row?.unread ?? 0
    }
    const before = await unread()
    expect(await beside.alikeInTurn(talk)).toMatchObject({
      status: 200,
      events: {
        friend: [{ event: "connected" }, { event: "messages_updated", sender: talker.phone }],
        own: [{ event: "connected" }, { event: "messages_updated", sender: friend.phone }]
      }
    })
    expect(await unread()).toBe(before + 2)
    expect(await beside.alike(async (api) => seen(await sendTo(api, talker, stranger)))).toMatchObject({ status: 404 })
    expect(await beside.alike(async (api) => seen(await sendTo(api, talker, asked)))).toMatchObject({ status: 403 })
    const numberless = { phone: "", token: beside.people.ada.token }
    expect(await beside.alike(async (api) => (await sendTo(api, numberless, friend)).status)).toBe(400)
  })

  it("tells every socket of an account of its new note, and nobody else's", async () => {
    const path = "/api/v1/notifications"
    const tell = async (api: ApiClient) => {
      const clients = await Promise.all(
        Array.from({ length: 3 }, () => connectedClient(api.url, beside.people.ada.token, { path }))
      )
      const other = await connectedClient(api.url, beside.people.eve.token, { path })
      const answer = await api.post(
        `${contacts}/${beside.people.mary}/notes`,
        { body: "New" },
        { token: beside.people.ada.token }
      )
      const events = await Promise.all(clients.map((client) => told(client, 2)))
      expect(clients.map((client) => client.told[1]?.note_id)).toEqual(clients.map(() => idOf(answer.body)))
      const ids = new Set(clients.map((client) => (client.told[1]?.id ?? 0) - (client.told[0]?.id ?? 0)))
      for (const client of [...clients, other]) client.socket.close()
      return { events, ids: [...ids], other: other.events }
    }
    expect(await beside.alikeInTurn(tell)).toMatchObject({ ids: [1], other: ["connected"] })
  })
})
