import { Effect, Redacted } from "effect"
import { assert, beforeAll, it } from "vitest"
import { redisServer } from "../adapters/redis/RedisServer.ts"
import type { User } from "../support/ApiClient.ts"
import { freshDatabase, postgresUrl, redisUrl } from "../support/Services.ts"
import { connectedClient } from "./LiveClient.ts"
import { PostgresStatements } from "./PostgresStatements.ts"
import { type Environment, onEach } from "./Suites.ts"
import { befriend, sendText, signUpTalker, talkerVariables } from "./Talkers.ts"
import { tcpProxy } from "./TcpProxy.ts"

let statements = new PostgresStatements()

/** A server whose words to its database are overheard. */
const behindProxy = Effect.gen(function* () {
  const url = new URL(Redacted.value(yield* freshDatabase()))
  const overheard = new PostgresStatements()
  statements = overheard
  const target = { host: url.hostname, port: Number(url.port || 5432) }
  const { port } = yield* tcpProxy(target, overheard.observe)
  url.host = `127.0.0.1:${port}`
  return { DATABASE_URL: url.href, RATE_LIMIT_PER_MINUTE: "1000000" }
})

const environments: ReadonlyArray<Environment> = [
  { name: "server Postgres", needs: [postgresUrl], variables: behindProxy },
  {
    name: "server Postgres and Redis",
    needs: [postgresUrl, redisUrl],
    variables: Effect.gen(function* () {
      // One of its own: the requests of other tests count for the same address.
      const redis = yield* redisServer()
      yield* redis.start
      return { ...(yield* behindProxy), REDIS_URL: redis.url }
    })
  }
]

const requests = 100

/** What the relay does about a new event, beside the requests. */
const isRelay = (sql: string) => /FROM outbox AS head|^WITH leased AS/.test(sql)

/** How often each statement was executed while the requests were made. Less than every other time is background. */
const during = async (work: () => Promise<unknown>) => {
  statements.take()
  for (let count = 0; count < requests; count++) await work()
  const { executed, roundTrips } = statements.take()
  const counts = Map.groupBy(
    executed.map((sql) => sql.trim().replace(/\s+/g, " ")).filter((sql) => !isRelay(sql)),
    (sql) => sql
  )
  return {
    perRequest: [...counts].map(([sql, all]) => [sql, all.length] as const).filter(([, all]) => all > requests / 2),
    roundTripsPerStatement: roundTrips / executed.length
  }
}

onEach(
  "round trips",
  ({ api }) => {
    let user: User
    let contact: number
    beforeAll(async () => {
      user = await api.signUp()
      contact = await api.contact(user)
      // Each connection prepares its statements once, and the session becomes known.
      for (let count = 0; count < 20; count++) await Promise.all([...Array(10)].map(() => api.note(user, contact)))
    })

    const assertOnce = async (sql: RegExp, work: () => Promise<unknown>) => {
      const { perRequest, roundTripsPerStatement } = await during(work)
      assert.lengthOf(perRequest, 1, perRequest.join("\n"))
      const [[text, count] = ["", 0]] = perRequest
      assert.match(text, sql)
      assert.strictEqual(count, requests)
      assert.isAtMost(roundTripsPerStatement, 1)
    }

    it("are one for a contact, and none for its token and the limits", () =>
      assertOnce(/^SELECT .* FROM contacts WHERE /, async () => {
        const { headers, status } = await api.get(`/contacts/${contact}`, { token: user.token })
        assert.strictEqual(status, 200)
        assert.isTrue(headers.has("ratelimit"))
      }))

    it("are one for a contact of v1, and none for whether its owner has to verify an address", () =>
      assertOnce(/^SELECT .* FROM contacts WHERE /, async () => {
        const { status } = await api.get(`/api/v1/contacts/${contact}`, { token: user.token })
        assert.strictEqual(status, 200)
      }))

    it("are one for a new note with its event", () =>
      assertOnce(/INSERT INTO notes .* INSERT INTO outbox /, () => api.note(user, contact)))

    it("are one for a text to a friend, and another for its delivery where they are connected", async () => {
      const [ada, bob] = [await signUpTalker(api), await signUpTalker(api)]
      await befriend(api, ada, bob)
      const send = () => sendText(api, ada, bob, "hello")
      for (let count = 0; count < 20; count++) await Promise.all([...Array(10)].map(send))
      await assertOnce(/INSERT INTO messages .* INSERT INTO notifications /, send)
      const clients = await Promise.all([ada, bob].map(({ token }) => connectedClient(api.url, token)))
      const { perRequest } = await during(async () => {
        const seen = clients.map(({ told }) => told.length)
        await send()
        // The one of the message, the other of its delivery.
        const senders = [bob.phone, ada.phone]
        await Promise.all(clients.map((client, n) => client.next("messages_updated", seen[n] ?? 0, senders[n])))
      })
      for (const { socket } of clients) socket.close()
      assert.lengthOf(perRequest, 2, perRequest.join("\n"))
      for (const sql of [/INSERT INTO messages /, /UPDATE messages SET status = 'delivered' /]) {
        assert.lengthOf(
          perRequest.filter(([text]) => sql.test(text)),
          1
        )
      }
    })
  },
  { only: environments, env: talkerVariables }
)
