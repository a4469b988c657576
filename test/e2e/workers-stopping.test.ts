import { randomBytes } from "node:crypto"
import { createServer } from "node:net"
import { afterEach, assert, it, vi } from "vitest"
import { ApiClient } from "../support/ApiClient.ts"
import { isRunning } from "../support/RookeryServer.ts"
import { describeWith, natsUrl, postgresUrl, redisUrl } from "../support/Services.ts"
import { eventually } from "./Eventually.ts"
import { request, sendRaw } from "./RawHttp.ts"
import { isAlive, WorkerServer, workersOf } from "./WorkerServer.ts"

const needs = [postgresUrl, natsUrl, redisUrl]
const sleep = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))
const json = JSON.stringify({ name: "Ada Lovelace" })

// Each test starts a server of its own, and tests of other files have the machine as well.
vi.setConfig({ testTimeout: 40_000 })

let rookery = new WorkerServer()
afterEach(async () => {
  await rookery.scope.close()
  rookery = new WorkerServer()
}, 60_000)

/** Contacts that are sent in two halves, the second when they are told to; so many that each worker has some. */
const halfwayContacts = async () => {
  const { token } = await new ApiClient(rookery.server.url).signUp()
  const head = request("POST /contacts HTTP/1.1", [
    "Host: localhost",
    `Authorization: Bearer ${token}`,
    "Content-Type: application/json",
    `Content-Length: ${json.length}`
  ])
  const finishes: Array<() => void> = []
  const answers = Array.from({ length: 12 }, () =>
    sendRaw(rookery.server.url, `${head}${json.slice(0, 10)}`, {
      patience: 15_000,
      more: (socket) => {
        finishes.push(() => void socket.write(json.slice(10)))
      }
    })
  )
  await sleep(300)
  return { answers, finish: () => finishes.forEach((finish) => finish()) }
}

const assertGone = (pids: ReadonlyMap<number, number>) =>
  eventually(() => assert.deepStrictEqual([...pids.values()].filter(isAlive), []), 3000)

const assertRefused = () =>
  eventually(async () => {
    const refused = await fetch(`${rookery.server.url}/health`).catch(() => undefined)
    assert.isUndefined(refused, "it still listens")
  })

describeWith(...needs)("two workers", () => {
  it("let requests under way end when they are told to stop, and leave with 0", async () => {
    await rookery.start()
    const workers = workersOf(rookery.server)
    assert.strictEqual(workers.size, 2)
    const { answers, finish } = await halfwayContacts()
    rookery.server.process.kill("SIGTERM")
    await assertRefused()
    assert.isTrue(isRunning(rookery.server))
    finish()
    for (const answer of await Promise.all(answers)) assert.strictEqual(answer.status, 201, answer.body)
    assert.strictEqual(await rookery.server.ended, 0)
    await assertGone(workers)
  })

  it("count one limit together, and stop once where each process hears of it, as with Ctrl-C", async () => {
    await rookery.start({ RATE_LIMIT_PER_MINUTE: "20", TRUST_PROXY: "1" })
    // Nobody else on this Redis comes from there.
    const headers = { connection: "close", "x-forwarded-for": `198.18.${randomBytes(2).join(".")}` }
    const statuses: Array<number> = []
    for (let count = 0; count < 30; count++) {
      const { status } = await fetch(`${rookery.server.url}/contacts`, { headers })
      statuses.push(status)
    }
    assert.deepStrictEqual(
      statuses,
      statuses.map((_, index) => (index < 20 ? 401 : 429))
    )
    const workers = workersOf(rookery.server)
    const before = rookery.server.output()
    const started = performance.now()
    for (const pid of [...workers.values(), rookery.server.process.pid ?? 0]) process.kill(pid, "SIGINT")
    assert.strictEqual(await rookery.server.ended, 0)
    assert.isBelow(performance.now() - started, 4000)
    assert.strictEqual(rookery.server.output(), before)
    await assertGone(workers)
  })

  it("end what is under way, and leave, when the process that started them is killed", async () => {
    await rookery.start()
    const workers = workersOf(rookery.server)
    const { answers, finish } = await halfwayContacts()
    rookery.server.process.kill("SIGKILL")
    await assertRefused()
    finish()
    for (const answer of await Promise.all(answers)) assert.strictEqual(answer.status, 201, answer.body)
    await assertGone(workers)
  })

  it("replace one that an operator stops, and are given up when none of them stays up", async () => {
    await rookery.start()
    const { server } = rookery
    const before = workersOf(server)
    process.kill(before.get(2) ?? 0, "SIGTERM")
    await eventually(() => {
      const after = workersOf(server)
      assert.strictEqual(after.get(1), before.get(1))
      assert.isDefined(after.get(2))
      assert.notStrictEqual(after.get(2), before.get(2))
    })
    assert.match(server.output(), /another takes its place worker=2 reason="exit code 0"/)
    const killing = setInterval(() => {
      for (const pid of workersOf(server).values()) if (isAlive(pid)) process.kill(pid, "SIGKILL")
    }, 100)
    assert.strictEqual(await server.ended, 1)
    clearInterval(killing)
    assert.match(
      server.output(),
      /^rookery: none of 2 workers stays up; each was started 5 times in a row, the last ended: SIGKILL$/m
    )
  })
})

describeWith(...needs)("the start of two workers", () => {
  /** What one line says that stops it. */
  const refusal = async (env: Readonly<Record<string, string>>) => {
    const launched = await rookery.launch(env)
    assert.strictEqual(await launched.ended, 1)
    assert.match(launched.output(), /^[^\n]*\n$/, "one line")
    return launched.output()
  }

  it("is stopped with one line that names the database", async () => {
    const url = "postgres://ada@127.0.0.1:1/rookery"
    assert.match(
      await refusal({ DATABASE_URL: url }),
      /^rookery: DATABASE_URL \(postgres:\/\/ada@127\.0\.0\.1:1\/rookery\): /
    )
  })

  it("is stopped with one line that names the port, when somebody has it", async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve))
    const address = other.address()
    const port = address !== null && typeof address === "object" ? address.port : 0
    try {
      const output = await refusal({ PORT: String(port) })
      assert.include(output, `rookery: HOST 127.0.0.1, PORT ${port}: cannot listen there, another program does already`)
    } finally {
      other.close()
    }
  })
})
