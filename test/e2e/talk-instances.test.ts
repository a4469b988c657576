import { afterAll, assert, beforeAll, it } from "vitest"
import { describeWithNatsServer, natsServer } from "../adapters/nats/NatsServer.ts"
import { describeWith, natsUrl, postgresUrl, redisUrl } from "../support/Services.ts"
import { eventually } from "./Eventually.ts"
import { connectedClient, LiveClient, type Told } from "./LiveClient.ts"
import {
  acceptFriend,
  befriend,
  contactOf,
  messagesWith,
  readMessage,
  requestFriend,
  sendText,
  signInTalker,
  signUpTalker
} from "./Talkers.ts"
import { TwoInstances } from "./TwoInstances.ts"

/** However busy the machine is; usually it is a twentieth of that. */
const bound = 2000

/** Waits until somebody is told of what is done; how long after it began that was, in milliseconds. */
const rings = async (client: LiveClient, event: Told["event"], action: () => Promise<unknown>, sender?: string) => {
  const seen = client.told.length
  const started = performance.now()
  await action()
  const { at } = await client.next(event, seen, sender)
  assert.isBelow(at - started, bound)
  return at - started
}

describeWith(
  postgresUrl,
  natsUrl,
  redisUrl
)("talk on two instances", () => {
  const pair = new TwoInstances()
  const [a, b] = [pair.a.api, pair.b.api]
  beforeAll(() => pair.start(), 60_000)
  afterAll(pair.scope.close, 60_000)

  it("tells whoever is connected to the one what is done on the other, from the request to what was read", async () => {
    const [ada, bob] = [await signUpTalker(a), await signUpTalker(b)]
    const [adaOnA, adaOnB, bobOnB] = [
      await connectedClient(a.url, ada.token),
      await connectedClient(b.url, ada.token),
      await connectedClient(b.url, bob.token)
    ]
    assert.notStrictEqual(a.url, b.url)

    await rings(bobOnB, "contacts_updated", () => requestFriend(a, ada, bob))
    assert.strictEqual((await contactOf(b, bob, ada)).status, "requested")
    // A person's own other devices, too.
    await adaOnB.next("contacts_updated", 0)

    await rings(adaOnA, "contacts_updated", () => acceptFriend(b, bob, ada))
    assert.strictEqual((await contactOf(a, ada, bob)).status, "accepted")

    const seen = adaOnA.told.length
    await rings(bobOnB, "messages_updated", () => sendText(a, ada, bob, "Are you there?"), ada.phone)
    await adaOnA.next("messages_updated", seen, bob.phone)
    const [delivered] = await messagesWith(a, ada, bob)
    assert.deepInclude(delivered, { message: "Are you there?", status: "delivered", sender: ada.phone })
    assert.strictEqual((await contactOf(b, bob, ada)).unread_messages, 1)

    assert.isDefined(delivered)
    await rings(adaOnA, "messages_updated", () => readMessage(b, bob, delivered), bob.phone)
    assert.strictEqual((await messagesWith(a, ada, bob))[0]?.status, "seen")
    assert.strictEqual((await contactOf(b, bob, ada)).unread_messages, 0)

    // Nothing was told twice, nor out of order.
    for (const { told } of [adaOnA, adaOnB, bobOnB]) {
      const ids = told.slice(1).map(({ id }) => id)
      assert.deepStrictEqual(
        ids,
        ids.map((_, index) => index + 1)
      )
    }
  })

  it("delivers what waited when the receiver connects, wherever that is", async () => {
    const [ada, bob] = [await signUpTalker(a), await signUpTalker(a)]
    await befriend(b, ada, bob)
    const sender = await connectedClient(a.url, ada.token)
    const connections = async () =>
      /^rookery_live_connections\{topic="talk"\} (\d+)$/m.exec((await b.get("/metrics")).text)?.[1]
    const before = await connections()
    assert.isDefined(before)
    for (const at of [a, b]) {
      const { id } = await sendText(at, ada, bob, "For later")
      assert.deepInclude((await messagesWith(b, ada, bob))[0], { id, status: "created" })
      let receiver: LiveClient | undefined
      await rings(
        sender,
        "messages_updated",
        async () => {
          receiver = await connectedClient(b.url, bob.token)
        },
        bob.phone
      )
      assert.deepInclude((await messagesWith(a, ada, bob))[0], { id, status: "delivered" })
      receiver?.vanish()
      await eventually(async () => assert.strictEqual(await connections(), before))
    }
  })

  it("makes friends of two who ask each other at the same moment, and tells both", async () => {
    for (let round = 0; round < 5; round++) {
      const [ada, bob] = [await signUpTalker(a), await signUpTalker(b)]
      const [adaOnB, bobOnA] = [await connectedClient(b.url, ada.token), await connectedClient(a.url, bob.token)]
      await Promise.all([requestFriend(a, ada, bob), requestFriend(b, bob, ada)])
      assert.strictEqual((await contactOf(b, ada, bob)).status, "accepted")
      assert.strictEqual((await contactOf(a, bob, ada)).status, "accepted")
      for (const { until } of [adaOnB, bobOnA]) {
        const told = await until(3)
        assert.deepStrictEqual(
          told.map(({ event, id }) => [event, id]),
          [
            ["connected", 0],
            ["contacts_updated", 1],
            ["contacts_updated", 2]
          ]
        )
      }
    }
  })

  it.each(["/auth/logout", "/logout", "/api/v1/auth/logout"])(
    "closes the sockets of a session on the one when it ends on the other by %s, and no others",
    async (path) => {
      const ada = await signUpTalker(a)
      const another = await signInTalker(b, ada)
      const ending = await Promise.all([
        connectedClient(b.url, ada.token),
        connectedClient(a.url, ada.token),
        connectedClient(b.url, ada.token, { path: "/api/v1/notifications" })
      ])
      const [staying, witness] = [
        await connectedClient(b.url, another.token),
        await connectedClient(a.url, another.token)
      ]
      const started = performance.now()
      const { status, text } = await a.post(path, undefined, { token: ada.token })
      assert.include([200, 204], status, text)
      for (const client of ending) assert.strictEqual(await client.closed(), 4401)
      assert.isBelow(performance.now() - started, bound)
      for (const { url } of [a, b]) {
        const refused = new LiveClient(url, ada.token)
        await eventually(() => assert.strictEqual(refused.refused, 401))
      }
      await requestFriend(a, another, await signUpTalker(b))
      for (const client of [staying, witness]) await client.next("contacts_updated", 0)
    }
  )

  it("has logged no token and no defect", () => pair.assertDiscreet())
})

describeWith(postgresUrl, redisUrl)("talk on two instances while NATS is away", () => {
  describeWithNatsServer("that was killed", () => {
    const pair = new TwoInstances()
    const [a, b] = [pair.a.api, pair.b.api]
    let nats: Awaited<ReturnType<typeof open>>
    const open = () => pair.scope.open(natsServer)
    beforeAll(async () => {
      nats = await open()
      await pair.scope.open(nats.start())
      await pair.start({ NATS_URL: nats.url, NATS_SUBJECT_PREFIX: "rookery" })
    }, 60_000)
    afterAll(pair.scope.close, 60_000)

    it("tells all the same within seconds, each event once, and at once when it is back", async () => {
      const [ada, bob] = [await signUpTalker(a), await signUpTalker(b)]
      await befriend(a, ada, bob)
      const client = await connectedClient(b.url, bob.token)
      const start = client.last ?? Number.NaN
      await pair.scope.open(nats.stop)
      await sendText(a, ada, bob, "Is NATS there?")
      await sendText(a, ada, bob, "It is not")
      await eventually(() => assert.lengthOf(client.told, 3), 10_000)
      await pair.scope.open(nats.start())
      await eventually(async () => {
        assert.strictEqual((await a.get("/ready")).status, 200)
        assert.strictEqual((await b.get("/ready")).status, 200)
      }, 60_000)
      await rings(client, "messages_updated", () => sendText(a, ada, bob, "It is back"), ada.phone)
      assert.deepStrictEqual(
        client.told.map(({ id }) => id),
        [start, start + 1, start + 2, start + 3]
      )
    }, 60_000)
  })
})
