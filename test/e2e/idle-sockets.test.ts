import { Schema } from "effect"
import type { Socket } from "node:net"
import { assert, describe, it } from "vitest"
import { mostConnections } from "../../src/application/notifications/LiveNotifications.ts"
import { somePhone } from "../contracts/Fixtures.ts"
import type { ApiClient } from "../support/ApiClient.ts"
import { openIdle } from "../support/IdleSockets.ts"
import { eventually } from "./Eventually.ts"
import { connectedClient } from "./LiveClient.ts"
import { hasProcessMemory, residentMegabytes } from "./ProcessMemory.ts"
import { onEach, server } from "./Suites.ts"

const clients = 10_000

const passcode = "246813"
const phones = Array.from({ length: clients / mostConnections }, () => String(somePhone()))

const inBatches = async <A, B>(all: ReadonlyArray<A>, work: (one: A) => Promise<B>): Promise<ReadonlyArray<B>> => {
  const done: Array<B> = []
  while (done.length < all.length) done.push(...(await Promise.all(all.slice(done.length, done.length + 20).map(work))))
  return done
}

const Token = Schema.Struct({ token: Schema.String })

/** By phone, since no password has to be hashed for that. */
const signUp = async (api: ApiClient, phone: string) => {
  await api.post("/api/auth/signup", { phone_number: phone })
  const { body } = await api.post("/api/auth/complete-signup", { phone_number: phone, passcode })
  return Schema.decodeUnknownSync(Token)(body).token
}

describe.skipIf(!hasProcessMemory)("memory, on Linux", () => {
  onEach(
    "a server with ten thousand idle sockets",
    (rookery) => {
      it("takes less than 400 MB, tells each of its own, and forgets them", async () => {
        const { api } = rookery
        const tokens = await inBatches(phones, (phone) => signUp(api, phone))
        const paths = Array.from({ length: mostConnections }, () =>
          tokens.map((token) => `/api/v1/notifications?token=${token}`)
        ).flat()
        const connected = async () => {
          const { text } = await api.get("/metrics")
          return Number(/^rookery_live_connections\{topic="address_book"\} (\d+)$/m.exec(text)?.[1])
        }
        const sockets: ReadonlyArray<Socket> = await openIdle(Number(new URL(api.url).port), paths)
        await eventually(async () => assert.strictEqual(await connected(), clients), 20_000)
        const [token = ""] = tokens

        let told = 0
        for (const socket of sockets) socket.on("data", (data) => (told += data.includes("contact_created") ? 1 : 0))
        const started = performance.now()
        await api.contact({ token })
        await eventually(() => assert.strictEqual(told, mostConnections), 5000, 1)
        const millis = performance.now() - started
        // What the handshakes left behind goes when there is time for it.
        const megabytes = await eventually(
          async () => {
            const megabytes = await residentMegabytes(rookery.server)
            assert.isBelow(megabytes, 400)
            return megabytes
          },
          30_000,
          500
        )
        console.info(`${clients} idle sockets: ${megabytes.toFixed(0)} MB; 20 of them told in ${millis.toFixed(0)} ms`)

        for (const socket of sockets) socket.destroy()
        await eventually(async () => assert.strictEqual(await connected(), 0), 20_000)
        const again = await connectedClient(api.url, token, { path: "/api/v1/notifications" })
        again.socket.close()
      }, 120_000)
    },
    { only: [server], env: { SMS_TEST_OTP: phones.map((phone) => `${phone}=${passcode}`).join() } }
  )
})
