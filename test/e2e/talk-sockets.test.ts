import { assert, it } from "vitest"
import { eventually } from "./Eventually.ts"
import { connectedClient, LiveClient } from "./LiveClient.ts"
import { onEach } from "./Suites.ts"
import {
  acceptFriend,
  befriend,
  messagesWith,
  readMessage,
  requestFriend,
  sendText,
  signInTalker,
  signUpTalker,
  talkerVariables
} from "./Talkers.ts"

onEach(
  "notifications",
  (rookery) => {
    const { api } = rookery
    const connect = (token: string, since?: number | string) => connectedClient(api.url, token, { since })

    it("tell of friends, of messages with their sender, of delivery, and of what was seen", async () => {
      const [ada, bob] = [await signUpTalker(api), await signUpTalker(api)]
      const [adas, bobs] = [await connect(ada.token), await connect(bob.token)]
      assert.deepInclude(adas.told[0], { event: "connected", id: 0 })
      assert.isUndefined(adas.told[0]?.resumed)
      assert.closeTo(Date.parse(adas.told[0]?.timestamp ?? ""), Date.now(), 60_000)

      await requestFriend(api, ada, bob)
      await bobs.until(2)
      await acceptFriend(api, bob, ada)
      await adas.until(3)
      const message = await sendText(api, ada, bob, "Hello")
      assert.strictEqual(message.status, "created")
      await bobs.next("messages_updated", 0, ada.phone)
      await adas.next("messages_updated", 0, bob.phone)
      assert.strictEqual((await messagesWith(api, ada, bob))[0]?.status, "delivered")
      const before = adas.told.length
      await readMessage(api, bob, message)
      await adas.next("messages_updated", before, bob.phone)
      assert.strictEqual((await messagesWith(api, ada, bob))[0]?.status, "seen")
      // What was seen already is no news.
      await readMessage(api, bob, message)
      await sendText(api, bob, ada, "Hello yourself")
      await adas.until(6)
      assert.deepStrictEqual(adas.events, [
        "connected",
        "contacts_updated",
        "contacts_updated",
        ...Array.from({ length: 3 }, () => "messages_updated")
      ])
      for (const { timestamp } of adas.told) assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    })

    it("go on after an id or a time, and say first where not all is there any more", async () => {
      const [ada, bob] = [await signUpTalker(api), await signUpTalker(api)]
      await befriend(api, ada, bob)
      const first = await connect(bob.token)
      const start = first.last ?? Number.NaN
      first.vanish()
      await new Promise((resolve) => setTimeout(resolve, 1100))
      for (const text of ["one", "two", "three"]) await sendText(api, ada, bob, text)

      const afterId = await connect(bob.token, start + 1)
      await afterId.until(3)
      assert.deepInclude(afterId.told[0], { event: "connected", id: start + 3, resumed: true })
      assert.deepStrictEqual(
        afterId.told.slice(1).map(({ event, id, sender }) => [event, id, sender]),
        [start + 2, start + 3].map((id) => ["messages_updated", id, ada.phone])
      )
      const [, two] = afterId.told
      assert.isDefined(two)
      // A time reaches back a second: nothing that was committed meanwhile is left out.
      const afterTime = await connect(bob.token, two.timestamp)
      await afterTime.until(4)
      assert.deepStrictEqual(
        afterTime.told.map(({ id, resumed }) => [id, resumed]),
        [[start + 3, true], ...[1, 2, 3].map((more) => [start + more, undefined])]
      )
      // In another zone, and with a plus that became a space.
      const zoned = await connect(bob.token, `${two.timestamp.replace("Z", "")} 00:00`)
      assert.strictEqual((await zoned.until(4)).length, 4)
      const upToDate = await connect(bob.token, start + 3)

      await rookery.query(
        `UPDATE notification_counters SET oldest_id = ${start + 3}, forgotten_at = '${two.timestamp}'
          WHERE newest_id = ${start + 3} AND account_id = (SELECT id FROM accounts WHERE phone_number = '${bob.phone}')`
      )
      const lost = await Promise.all([
        connect(bob.token, 0),
        connect(bob.token, start + 1),
        connect(bob.token, start + 4),
        connect(bob.token, "2026-01-01T00:00:00Z")
      ])
      const kept = await connect(bob.token, start + 2)
      await kept.until(2)
      await sendText(api, ada, bob, "four")
      for (const client of lost) {
        await client.until(2)
        assert.deepStrictEqual(
          client.told.map(({ id, resumed }) => [id, resumed]),
          [
            [start + 3, false],
            [start + 4, undefined]
          ]
        )
      }
      assert.deepStrictEqual(
        (await kept.until(3)).map(({ id, resumed }) => [id, resumed]),
        [
          [start + 3, true],
          [start + 3, undefined],
          [start + 4, undefined]
        ]
      )
      assert.deepStrictEqual(
        (await upToDate.until(2)).map(({ id }) => id),
        [start + 3, start + 4]
      )
    })

    it("are refused at the handshake: 401 without a good token, 400 without a phone number or with a wrong since", async () => {
      const talker = await signUpTalker(api)
      const { token } = await api.signUp()
      const status = async (shown: string, since?: string) => {
        const client = new LiveClient(api.url, shown, { since })
        return eventually(() => client.refused ?? assert.fail("it is not refused"))
      }
      assert.strictEqual(await status(""), 401)
      assert.strictEqual(await status(`${talker.token}x`), 401)
      assert.strictEqual(await status(token), 400)
      assert.strictEqual(await status(talker.token, "yesterday"), 400)
      const plain = await api.get("/api/notifications", { token })
      assert.strictEqual(plain.status, 400)
      assert.deepInclude(plain.body, { success: false })
      const upgrade = await api.get("/api/notifications", { token: talker.token })
      assert.strictEqual(upgrade.status, 426)
      assert.deepInclude(upgrade.body, { success: false })
    })

    it("go to 20 connections of an account: for one more the oldest is closed", async () => {
      const talker = await signUpTalker(api)
      const another = await signInTalker(api, talker)
      const clients: Array<LiveClient> = []
      for (let count = 0; count < 21; count++) {
        clients.push(await connect(count % 2 === 0 ? talker.token : another.token))
      }
      const [oldest, ...others] = clients
      assert.strictEqual(await oldest?.closed(), 4429)
      await requestFriend(api, talker, await signUpTalker(api))
      for (const client of others) await client.next("contacts_updated", 0)
      assert.lengthOf(others, 20)
    })

    it("end with the session, and no others with them", async () => {
      const talker = await signUpTalker(api)
      const [ending, staying] = [await connect(talker.token), await connect((await signInTalker(api, talker)).token)]
      await api.post("/auth/logout", undefined, { token: talker.token })
      assert.strictEqual(await ending.closed(), 4401)
      assert.isUndefined(staying.closeCode)
    })

    it("are counted in metrics: connections, messages and drops", async () => {
      const { text } = await api.get("/metrics")
      assert.match(text, /^rookery_live_connections\{topic="talk"\} [1-9]\d*$/m)
      assert.match(text, /^rookery_live_messages_total\{topic="talk"\} [1-9]\d*$/m)
      assert.match(text, /^rookery_live_drops_total\{reason="replaced"\} 1$/m)
      assert.match(text, /^rookery_live_drops_total\{reason="session_ended"\} 1$/m)
    })
  },
  { env: talkerVariables }
)
