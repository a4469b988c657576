import { afterAll, assert, beforeAll, it } from "vitest"
import { describeWith, natsUrl, postgresUrl, redisUrl } from "../support/Services.ts"
import { eventually } from "./Eventually.ts"
import { connectedClient, LiveClient } from "./LiveClient.ts"
import { befriend, messagesWith, sendText, signUpTalker, type Talker } from "./Talkers.ts"
import { TwoInstances } from "./TwoInstances.ts"

/** A client that connects again wherever it can, from the last that it has been told. */
class Returning {
  readonly talker: Talker
  readonly #places: () => ReadonlyArray<string>
  /** Of each connection. */
  readonly clients: Array<LiveClient> = []
  #stopped = false

  constructor(talker: Talker, places: () => ReadonlyArray<string>) {
    this.talker = talker
    this.#places = places
  }

  /** What it was told of all in all. */
  get told() {
    return this.clients.flatMap(({ told }) => told.filter(({ event }) => event !== "connected"))
  }

  readonly connect = () => {
    const since = this.clients.findLast(({ last }) => last !== undefined)?.last
    const places = this.#places()
    const client = new LiveClient(places[this.clients.length % places.length] ?? "", this.talker.token, { since })
    this.clients.push(client)
    client.socket.once("close", () => {
      if (!this.#stopped) setTimeout(this.connect, 50)
    })
  }

  readonly stop = () => {
    this.#stopped = true
    this.clients.at(-1)?.vanish()
  }
}

describeWith(
  postgresUrl,
  natsUrl,
  redisUrl
)("kill -9 of an instance with clients", () => {
  const pair = new TwoInstances()
  beforeAll(() => pair.start(), 60_000)
  afterAll(pair.scope.close, 60_000)

  it("loses them nothing and tells them nothing twice: they go on at the other", async ({ annotate }) => {
    const { a, b } = pair
    const sender = await signUpTalker(a.api)
    const receivers = await Promise.all(Array.from({ length: 10 }, () => signUpTalker(b.api)))
    for (const receiver of receivers) await befriend(a.api, sender, receiver)

    // The sender's own client, and two of each who is written to: at first all at A.
    let first: ReadonlyArray<string> = [a.url]
    const people = [sender, ...receivers, ...receivers].map((talker) => new Returning(talker, () => first))
    for (const person of people) person.connect()
    await eventually(() => people.forEach(({ clients }) => assert.isAbove(clients[0]?.told.length ?? 0, 0)))
    first = [a.url, b.url]

    const sent = new Map<string, Array<string>>(receivers.map(({ phone }) => [phone, []]))
    let writing = true
    /** As an app does: the same message under the same id, until one of the instances has answered. */
    const write = async (receiver: Talker, place: number) => {
      const instances = [a, b]
      for (let count = 0; writing; count++) {
        const text = `${receiver.phone} ${count}`
        for (let attempt = place; ; attempt++) {
          const instance = instances[attempt % 2] ?? a
          const answer = await sendText(instance.api, sender, receiver, text, text).catch((error: unknown) => error)
          if (answer instanceof Error) {
            assert.notMatch(answer.message, /expected/, "only what was not answered is sent again")
            await new Promise((resolve) => setTimeout(resolve, 20))
          } else break
        }
        sent.get(receiver.phone)?.push(text)
        await new Promise((resolve) => setTimeout(resolve, 30))
      }
    }
    const total = () => [...sent.values()].reduce((sum, { length }) => sum + length, 0)
    const more = (count: number) => {
      const least = total() + count
      return eventually(() => assert.isAtLeast(total(), least), 15_000)
    }
    const writers = receivers.map(write)
    await more(150)
    await a.kill()
    first = [b.url]
    await more(150)
    await a.start()
    await more(20)
    await b.kill()
    first = [a.url]
    await more(150)
    writing = false
    await Promise.all(writers)

    const rows = await Promise.all(receivers.map((receiver) => messagesWith(a.api, receiver, sender)))
    await eventually(async () => {
      for (const [place, receiver] of receivers.entries()) {
        const messages = rows[place] ?? []
        assert.deepStrictEqual(messages.map(({ message }) => message).reverse(), sent.get(receiver.phone))
        // Its friend's request and its own answer came before it was connected.
        const told = people[place + 1]?.told.filter((one) => one.sender === sender.phone) ?? []
        assert.lengthOf(told, messages.length)
      }
      for (const receiver of receivers) {
        const statuses = new Set((await messagesWith(a.api, receiver, sender)).map(({ status }) => status))
        assert.deepStrictEqual([...statuses], ["delivered"])
      }
    }, 60_000)
    for (const person of people) {
      const { clients, talker } = person
      const start = clients[0]?.told[0]?.id ?? Number.NaN
      const probe = await connectedClient(a.url, talker.token)
      const newest = probe.last ?? Number.NaN
      await eventually(() => assert.strictEqual(clients.at(-1)?.last, newest))
      assert.deepStrictEqual(
        person.told.map(({ id }) => id),
        Array.from({ length: newest - start }, (_, index) => start + 1 + index)
      )
      const reached = clients.filter(({ told }) => told.length > 0)
      assert.lengthOf(reached, 3, "at A, at B, and at A again")
      for (const { told } of reached.slice(1)) assert.deepInclude(told[0], { event: "connected", resumed: true })
    }
    const reconnects = people.reduce((sum, { clients }) => sum + clients.length - 1, 0)
    await annotate(`${total()} messages, ${reconnects} tries to connect again`)
    for (const person of people) person.stop()
    pair.assertDiscreet()
  }, 120_000)
})
