import { SignJWT } from "jose"
import { assert, expect, it } from "vitest"
import { eventually } from "../e2e/Eventually.ts"
import { LiveClient } from "../e2e/LiveClient.ts"
import type { ApiClient } from "../support/ApiClient.ts"
import { contacts } from "./PeerPeople.ts"
import { onPeers, secret } from "./PeerSuites.ts"

onPeers("what Rookery is measured against refuses what Rookery refuses", (beside) => {
  it("lets nobody in without a token", async () => {
    const claims = { sub: String(beside.people.ada.id) }
    const sign = (key: string, expires: string) =>
      new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).setExpirationTime(expires).sign(Buffer.from(key))
    const good = await sign(secret, "1 hour")
    const { api } = beside
    // Twice, since the first answer may be remembered.
    for (const _ of [1, 2]) {
      expect((await api.get(`${contacts}/${beside.people.mary}`, { token: good })).status).toBe(200)
      for (const token of [
        undefined,
        "",
        "nonsense",
        `${good}x`,
        await sign(`${secret}x`, "1 hour"),
        await sign(secret, "1 second ago"),
        await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(Buffer.from(secret))
      ]) {
        const statuses = await Promise.all([
          api.get(`${contacts}/${beside.people.mary}`, { token }),
          api.get(contacts, { token }),
          api.post(`${contacts}/${beside.people.mary}/notes`, { body: "No" }, { token }),
          api.post(
            "/api/messages/send",
            { phone_number: "4915112345678", message_type: "text", message: "No" },
            { token }
          )
        ])
        expect(statuses.map(({ status }) => status)).toEqual([401, 401, 401, 401])
      }
    }
    for (const path of ["/api/notifications", "/api/v1/notifications"]) {
      const client = new LiveClient(api.url, "nonsense", { path })
      await eventually(() => expect(client.refused).toBe(401))
    }
    const numberless = new LiveClient(api.url, beside.people.ada.token)
    await eventually(() => expect(numberless.refused).toBe(400))
  })

  it("finds nothing of others", async () => {
    const token = beside.people.ada.token
    const { api } = beside
    for (const id of [beside.people.foreign, 999_999_999]) {
      expect((await api.get(`${contacts}/${id}`, { token })).status).toBe(404)
      expect((await api.post(`${contacts}/${id}/notes`, { body: "No" }, { token })).status).toBe(404)
    }
  })

  it("refuses what does not fit, as Rookery does", async () => {
    const { friend, talker } = beside.people
    const token = beside.people.ada.token
    const notes = `${contacts}/${beside.people.mary}/notes`
    const json = { "content-type": "application/json" }
    const text = (message: unknown) => ({ phone_number: friend.phone, message_type: "text", message })
    const asks: ReadonlyArray<(api: ApiClient) => Promise<{ readonly status: number }>> = [
      (api) => api.get(`${contacts}/abc`, { token }),
      (api) => api.get(`${contacts}/0`, { token }),
      (api) => api.get(`${contacts}?limit=0`, { token }),
      (api) => api.get(`${contacts}?limit=101`, { token }),
      (api) => api.get(`${contacts}?skip=-1`, { token }),
      (api) => api.get(`${contacts}?skip=1e400`, { token }),
      (api) => api.get(`${contacts}/1e400`, { token }),
      (api) => api.get(`${contacts}?search=%00`, { token }),
      (api) => api.get(`${contacts}?search=${"x".repeat(256)}`, { token }),
      (api) => api.post(notes, {}, { token }),
      (api) => api.post(notes, { body: "" }, { token }),
      (api) => api.post(notes, { body: " \n\t" }, { token }),
      (api) => api.post(notes, { body: "a\u0000b" }, { token }),
      (api) => api.post(notes, { body: { text: "no" } }, { token }),
      (api) => api.post(notes, { body: "x".repeat(100_001) }, { token }),
      (api) => api.post(notes, [], { token }),
      (api) => api.request("POST", notes, { token, headers: json, body: '{"body":' }),
      (api) => api.request("POST", "/api/v1/auth/login", { form: { username: beside.people.ada.username } }),
      (api) => api.post("/api/messages/send", { ...text("Hi"), phone_number: "12" }, { token: talker.token }),
      (api) => api.post("/api/messages/send", text(" "), { token: talker.token }),
      (api) => api.post("/api/messages/send", text("a\u0000b"), { token: talker.token }),
      (api) => api.post("/api/messages/send", { ...text("Hi"), message_type: "smoke" }, { token: talker.token })
    ]
    for (const [index, ask] of asks.entries()) {
      for (const api of beside.both) {
        const { status } = await ask(api)
        assert.isTrue(status >= 400 && status < 500, `request ${index} to ${api.url} was answered ${status}`)
      }
    }
  })

  it("prints nothing but that it listens, and ends when it is told to", async () => {
    const { output, stop } = beside.process
    expect([0, "SIGTERM"]).toContain(await stop())
    expect(output()).toBe("listening\n")
  })
})
