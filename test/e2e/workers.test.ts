import { afterAll, assert, beforeAll, it } from "vitest"
import { ApiClient } from "../support/ApiClient.ts"
import { isRunning } from "../support/RookeryServer.ts"
import { describeWith, natsUrl, postgresUrl, redisUrl } from "../support/Services.ts"
import { eventually } from "./Eventually.ts"
import { connectedClient, type LiveClient } from "./LiveClient.ts"
import type { PinnedClient } from "./PinnedClient.ts"
import { befriend, sendText, signUpTalker, talkerVariables } from "./Talkers.ts"
import { byWorker, WorkerServer, workersOf } from "./WorkerServer.ts"

const needs = [postgresUrl, natsUrl, redisUrl]
const bothUp: ReadonlyArray<readonly [number | undefined, number]> = [
  [1, 1],
  [2, 1]
]

describeWith(...needs)("two workers behind one port", () => {
  const rookery = new WorkerServer()
  const api = new ApiClient(() => rookery.server.url)
  let one: PinnedClient
  let other: PinnedClient
  const metric = async (name: string, label?: string) => byWorker((await api.get("/metrics")).text, name, label)

  beforeAll(async () => {
    await rookery.start(talkerVariables)
    ;[one, other] = await rookery.clients()
  }, 60_000)
  afterAll(async () => {
    one.close()
    other.close()
    await rookery.scope.close()
  }, 60_000)

  it("say once that they are up, and in each line which of them says it", () => {
    const output = rookery.server.output()
    assert.lengthOf(output.match(/is up on/g) ?? [], 1)
    assert.match(output, /workers +2 processes \(WORKERS\)\n/)
    const logged = output.split("\n").filter((line) => / (INFO|WARN) /.test(line))
    for (const line of logged) assert.match(line, / worker=[12]\b/)
    assert.isNotEmpty(logged)
  })

  it("share the connections", async () => {
    const before = await metric("rookery_http_requests_total", 'route="/ready"')
    for (let count = 0; count < 40; count++) {
      assert.strictEqual((await api.get("/ready", { headers: { connection: "close" } })).status, 200)
    }
    const after = await metric("rookery_http_requests_total", 'route="/ready"')
    for (const worker of [1, 2]) assert.isAtLeast((after.get(worker) ?? 0) - (before.get(worker) ?? 0), 5)
  })

  it("show the metrics of both, whichever is asked", async () => {
    const read = async (client: ApiClient) => {
      const { text } = await client.get("/metrics")
      return {
        health: byWorker(text, "rookery_http_requests_total", 'route="/health"'),
        started: byWorker(text, "process_start_time_seconds"),
        up: byWorker(text, "rookery_worker_up"),
        pending: byWorker(text, "rookery_outbox_pending", 'destination="mail"'),
        types: text.split("\n").filter((line) => line.startsWith("# TYPE"))
      }
    }
    const [first, second] = [await read(one), await read(other)]
    assert.deepStrictEqual(first, second)
    assert.deepStrictEqual([...first.health.keys()], [1, 2])
    assert.deepStrictEqual([...first.up], bothUp)
    assert.strictEqual(new Set(first.started.values()).size, 2)
    assert.deepStrictEqual(first.pending, new Map([[undefined, 0]]))
    assert.strictEqual(new Set(first.types).size, first.types.length)
  })

  it("leave out of the metrics who does not answer, within seconds", async () => {
    const stopped = workersOf(rookery.server).get(2)
    assert.isDefined(stopped)
    process.kill(stopped, "SIGSTOP")
    try {
      const started = performance.now()
      const { status, text } = await one.get("/metrics")
      assert.isBelow(performance.now() - started, 3000)
      assert.strictEqual(status, 200)
      assert.deepStrictEqual([...byWorker(text, "rookery_worker_up").values()], [1, 0])
      assert.deepStrictEqual([...byWorker(text, "process_start_time_seconds").keys()], [1])
    } finally {
      process.kill(stopped, "SIGCONT")
    }
    await eventually(async () => assert.deepStrictEqual([...(await metric("rookery_worker_up"))], bothUp))
  })

  it("refuse a session on the one as soon as it has ended on the other", async () => {
    const { token } = await one.signUp()
    for (const client of [one, other]) assert.strictEqual((await client.get("/contacts", { token })).status, 200)
    assert.strictEqual((await one.post("/auth/logout", undefined, { token })).status, 200)
    await eventually(async () => assert.strictEqual((await other.get("/contacts", { token })).status, 401), 1000)
    assert.strictEqual((await one.get("/contacts", { token })).status, 401)
  })

  it("tell both's sockets what is done on either, and close those of a session that ends", async () => {
    const [ada, bob] = [await signUpTalker(one), await signUpTalker(other)]
    await befriend(one, ada, bob)
    const sockets: Array<LiveClient> = []
    await eventually(async () => {
      sockets.push(await connectedClient(api.url, bob.token))
      const counts = await metric("rookery_live_connections", 'topic="talk"')
      assert.isTrue([...counts.values()].every((count) => count > 0))
    })
    for (const client of [one, other]) {
      const seen = sockets.map(({ told }) => told.length)
      const started = performance.now()
      await sendText(client, ada, bob, "Are you there?")
      for (const [index, socket] of sockets.entries()) {
        const { at } = await socket.next("messages_updated", seen[index] ?? 0, ada.phone)
        // A wake that was lost is made up for after seconds.
        assert.isBelow(at - started, 2000)
      }
    }
    assert.strictEqual((await one.post("/auth/logout", undefined, { token: bob.token })).status, 200)
    for (const socket of sockets) assert.strictEqual(await socket.closed(), 4401)
  })

  it("list every mail that would have gone out, whichever would have sent it", async () => {
    const addresses = Array.from({ length: 6 }, () => `${api.username()}@example.com`)
    for (const email of addresses) {
      const json = { email, password: api.password() }
      assert.strictEqual((await api.post("/api/v1/auth/register", json)).status, 201)
    }
    for (const client of [one, other]) {
      await eventually(async () => {
        const { body } = await client.get("/dev/outbox")
        const listed = body as ReadonlyArray<{ readonly to: string; readonly created_at: string }>
        assert.includeMembers(
          listed.map(({ to }) => to),
          addresses
        )
        const times = listed.map(({ created_at }) => created_at)
        assert.deepStrictEqual(times, times.toSorted().toReversed())
      })
      const { body } = await client.get(`/dev/outbox?to=${addresses[0]}`)
      assert.lengthOf(body as ReadonlyArray<object>, 1)
    }
  })

  it("lose nothing that was answered when one is killed, and soon are two again", async () => {
    const user = await api.signUp()
    const contact = await api.contact(user)
    const answered = new Set<string>()
    let writing = true
    const write = async (writer: number) => {
      for (let count = 0; writing; count++) {
        const body = `${writer} ${count}`
        const answer = await api
          .post(`/contacts/${contact}/notes`, { body }, { token: user.token })
          .catch(() => undefined)
        if (answer?.status === 201) answered.add(body)
      }
    }
    const writers = Array.from({ length: 4 }, (_, writer) => write(writer))
    await eventually(() => assert.isAbove(answered.size, 50), 15_000)
    const before = workersOf(rookery.server)
    process.kill(before.get(1) ?? 0, "SIGKILL")
    const atKill = answered.size
    await eventually(() => assert.isAbove(answered.size, atKill + 20), 15_000)
    await eventually(async () => {
      assert.deepStrictEqual([...(await metric("rookery_worker_up"))], bothUp)
      assert.deepStrictEqual([...(await metric("rookery_worker_restarts_total")).values()], [1, 0])
    }, 60_000)
    writing = false
    await Promise.all(writers)
    const after = workersOf(rookery.server)
    assert.notStrictEqual(after.get(1), before.get(1))
    assert.strictEqual(after.get(2), before.get(2))
    const { body } = await api.get(`/contacts/${contact}/notes`, { token: user.token })
    const kept = new Set((body as ReadonlyArray<{ readonly body: string }>).map((note) => note.body))
    for (const note of answered) assert.isTrue(kept.has(note), note)
    assert.match(rookery.server.output(), /WARN .*another takes its place worker=1 reason=SIGKILL/)
  }, 60_000)

  it("have stayed alive, and logged no token, no password and no defect", () => {
    const output = rookery.server.output()
    assert.isTrue(isRunning(rookery.server), output)
    for (const client of [api, one, other]) for (const secret of client.secrets) assert.notInclude(output, secret)
    assert.notMatch(output, /ERROR|FATAL|Request failed/)
  })
})
