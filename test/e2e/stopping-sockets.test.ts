import { assert, it } from "vitest"
import { RawWebSocket } from "../support/RawWebSocket.ts"
import { stopRookery } from "../support/RookeryServer.ts"
import { eventually } from "./Eventually.ts"
import { connectedClient } from "./LiveClient.ts"
import { onEach } from "./Suites.ts"
import { befriend, sendText, signUpTalker, talkerVariables } from "./Talkers.ts"

onEach(
  "stopping with sockets",
  (rookery) => {
    const { api } = rookery

    it("closes them with 1001, does not wait for who never answers, and is found again", async () => {
      const [ada, bob] = [await signUpTalker(api), await signUpTalker(api)]
      await befriend(api, ada, bob)
      const polite = await Promise.all([
        connectedClient(api.url, bob.token),
        connectedClient(api.url, ada.token),
        connectedClient(api.url, bob.token, { path: "/api/v1/notifications" })
      ])
      const rude = new RawWebSocket(api.url, `/api/notifications?token=${bob.token}`)
      const deaf = new RawWebSocket(api.url, `/api/notifications?token=${bob.token}`)
      await eventually(() => assert.lengthOf([...rude.messages, ...deaf.messages], 2))
      deaf.socket.pause()
      const [{ last } = { last: undefined }] = polite

      const started = performance.now()
      rookery.server.process.kill("SIGTERM")
      assert.strictEqual(await rookery.server.ended, 0)
      assert.isBelow(performance.now() - started, 4000)
      for (const client of polite) assert.strictEqual(await client.closed(), 1001)
      await eventually(() => assert.isTrue(rude.closed))
      assert.strictEqual(rude.closeCode, 1001)
      deaf.socket.destroy()

      await rookery.start()
      await sendText(api, ada, bob, "Back again")
      const again = await connectedClient(api.url, bob.token, { since: last })
      assert.isTrue((await again.until(2))[0]?.resumed)
      assert.strictEqual(again.told[1]?.sender, ada.phone)
    })

    it("is as quick as without where all of them answer", async () => {
      const ada = await signUpTalker(api)
      const clients = await Promise.all(Array.from({ length: 20 }, () => connectedClient(api.url, ada.token)))
      const started = performance.now()
      await stopRookery(rookery.server)
      assert.isBelow(performance.now() - started, 2500)
      for (const client of clients) assert.strictEqual(await client.closed(), 1001)
      await rookery.start()
    })
  },
  { env: talkerVariables }
)
