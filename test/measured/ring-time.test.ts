import { afterAll, assert, beforeAll, it } from "vitest"
import { connectedClient } from "../e2e/LiveClient.ts"
import { befriend, sendText, signUpTalker } from "../e2e/Talkers.ts"
import { TwoInstances } from "../e2e/TwoInstances.ts"
import { describeWith, natsUrl, postgresUrl, redisUrl } from "../support/Services.ts"

const sorted = (numbers: ReadonlyArray<number>) => [...numbers].sort((one, other) => one - other)
const median = (numbers: ReadonlyArray<number>) => sorted(numbers)[numbers.length >> 1] ?? Number.NaN

describeWith(
  postgresUrl,
  natsUrl,
  redisUrl
)("a message sent on one instance", () => {
  const pair = new TwoInstances()
  beforeAll(() => pair.start(), 30_000)
  afterAll(pair.scope.close, 20_000)

  it("rings on the other within 50 milliseconds of the request", async ({ annotate }) => {
    const [a, b] = [pair.a.api, pair.b.api]
    const [ada, bob] = [await signUpTalker(a), await signUpTalker(b)]
    await befriend(a, ada, bob)
    const client = await connectedClient(b.url, bob.token)
    const taken: Array<number> = []
    for (let count = 0; count < 60; count++) {
      const seen = client.told.length
      const started = performance.now()
      await sendText(a, ada, bob, `Message ${count}`)
      const { at } = await client.next("messages_updated", seen, ada.phone)
      taken.push(at - started)
    }
    await annotate(`median ${median(taken).toFixed(1)} ms, at most ${Math.max(...taken).toFixed(1)} ms`)
    assert.isBelow(median(taken), 50)
  })
})
