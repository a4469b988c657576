import type { Socket } from "node:net"
import { assert, it } from "vitest"
import { RawWebSocket } from "../support/RawWebSocket.ts"
import { eventually } from "./Eventually.ts"
import { attack, brokenHandshakes, hostileFrames, sendBytes } from "./HostileSockets.ts"
import { connectedClient } from "./LiveClient.ts"
import { hasProcessMemory, peakRise } from "./ProcessMemory.ts"
import { embedded, type LiveRookery, onEach } from "./Suites.ts"
import { befriend, requestFriend, sendText, signUpTalker, talkerVariables } from "./Talkers.ts"

const metric = async ({ api }: LiveRookery, name: string, label: string): Promise<number> => {
  const { text } = await api.get("/metrics")
  const value = new RegExp(`^${name}\\{${label}\\} (\\d+)$`, "m").exec(text)?.[1]
  return value === undefined ? assert.fail(`no ${name} of ${label}`) : Number(value)
}
const connections = (rookery: LiveRookery) => metric(rookery, "rookery_live_connections", 'topic="talk"')
const dropped = (rookery: LiveRookery, why: string) => metric(rookery, "rookery_live_drops_total", `reason="${why}"`)

const unbroken = (ids: ReadonlyArray<number>, first: number) =>
  assert.deepStrictEqual(
    ids,
    ids.map((_, index) => first + index)
  )

onEach(
  "sockets of clients that mean harm",
  (rookery) => {
    const { api } = rookery

    it("keep nothing from the others, leave nothing behind, and are seen to take little memory on Linux", async () => {
      const [ada, bob] = [await signUpTalker(api), await signUpTalker(api)]
      await befriend(api, ada, bob)
      const witness = await connectedClient(api.url, bob.token)
      // An account has 20 connections at most.
      const attackers = await Promise.all(Array.from({ length: 8 }, () => signUpTalker(api)))
      const [clients, broken]: [Array<RawWebSocket>, Array<Socket>] = [[], []]
      let sent = 0
      const attacking = async () => {
        for (let round = 0; round < 4; round++) {
          const path = `/api/${round % 2 === 0 ? "" : "v1/"}notifications`
          for (const [turn, frames] of hostileFrames.entries()) {
            const { token } = attackers[(turn + round) % attackers.length] ?? ada
            clients.push(attack(api.url, `${path}?token=${token}`, frames, turn + round))
          }
          for (const bytes of brokenHandshakes(`${path}?token=${ada.token}`)) broken.push(sendBytes(api.url, bytes))
          for (let count = 0; count < 5; count++) {
            await sendText(api, ada, bob, `${round} ${count}`)
            sent += 1
            await witness.until(1 + sent)
          }
        }
        await eventually(() => clients.forEach(({ answer }) => assert.isNotEmpty(answer)))
      }
      const rise = hasProcessMemory ? await peakRise(rookery.server, attacking) : await attacking()
      assert.sameMembers(
        clients.map(({ status }) => status),
        clients.map(() => 101)
      )
      if (rise !== undefined) assert.isBelow(rise, 100)
      for (const socket of [...clients.map((client) => client.socket), ...broken]) socket.destroy()
      await eventually(async () => assert.strictEqual(await connections(rookery), 1))
      assert.strictEqual((await api.get("/health")).status, 200)
      assert.isUndefined(witness.closeCode)
      unbroken(
        witness.told.map(({ id }) => id),
        witness.told[0]?.id ?? Number.NaN
      )
    }, 60_000)

    it("that do not read are cut off, and whoever reads is told everything", async () => {
      const talker = await signUpTalker(api)
      await requestFriend(api, talker, await signUpTalker(api))
      const before = await dropped(rookery, "slow")
      const backlog = 60_000
      await rookery.query(
        `INSERT INTO notifications (account_id, id, notification, created_at)
          SELECT account_id, newest_id + more, '{"_tag": "ContactsUpdated"}', newest_at
          FROM notification_counters, generate_series(1, ${backlog}) AS more
          WHERE account_id = (SELECT id FROM accounts WHERE phone_number = '${talker.phone}')`
      )
      await rookery.query(
        `UPDATE notification_counters SET newest_id = newest_id + ${backlog}
          WHERE account_id = (SELECT id FROM accounts WHERE phone_number = '${talker.phone}')`
      )
      const slow = new RawWebSocket(api.url, `/api/notifications?token=${talker.token}&since=1`)
      slow.socket.pause()
      const reading = await connectedClient(api.url, talker.token, { since: 1 })
      await eventually(() => assert.lengthOf(reading.told, 1 + backlog), 30_000, 100)
      unbroken(
        reading.told.slice(1).map(({ id }) => id),
        2
      )
      assert.strictEqual(await dropped(rookery, "slow"), before + 1)
      assert.isUndefined(reading.closeCode)
      slow.socket.destroy()
    }, 120_000)
  },
  { only: [embedded], env: talkerVariables }
)
