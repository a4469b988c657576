import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, assert, it } from "vitest"
import { startRookery, stopRookery, temporaryFolder } from "../support/RookeryServer.ts"
import { TestScope } from "../e2e/Suites.ts"

const scope = new TestScope()
afterAll(scope.close, 20_000)

/** From the command to an answer of /health, in milliseconds. */
const startTime = async (dataDir: string): Promise<number> => {
  const started = performance.now()
  const server = await scope.open(startRookery({ dataDir }))
  assert.strictEqual((await fetch(`${server.url}/health`)).status, 200)
  const time = performance.now() - started
  await stopRookery(server)
  return time
}

const bound = 3000

/** Other programs may have the machine for a while, and what is measured is the server's own doing: eight tries, the best counts. */
const best = async (measure: () => Promise<number>) => {
  let least = await measure()
  for (let tries = 1; tries < 8 && least >= bound; tries++) least = Math.min(least, await measure())
  return least
}

it("starts in less than 3 seconds, on a new database and on one that is there", async ({ annotate }) => {
  const folder = await scope.open(temporaryFolder)
  let count = 0
  const fresh = await best(async () => {
    const dataDir = join(folder, String(count++))
    await mkdir(dataDir)
    return startTime(dataDir)
  })
  const reopened = await best(() => startTime(join(folder, "0")))
  await annotate(`new: ${fresh.toFixed(0)} ms, reopened: ${reopened.toFixed(0)} ms`)
  assert.isBelow(fresh, bound)
  assert.isBelow(reopened, bound)
}, 180_000)
