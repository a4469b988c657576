import { Redacted } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { startRookery, stopRookery, temporaryFolder } from "../support/RookeryServer.ts"
import { describeWith, freshDatabase, natsUrl, postgresUrl, redisUrl } from "../support/Services.ts"
import { natsVariables, TestScope } from "./Suites.ts"

/** Notes at the end which packages a program has loaded, in a file. */
const witness = `
import { writeFileSync } from "node:fs"
import { registerHooks } from "node:module"
const names = new Set()
registerHooks({
  load(url, context, next) {
    const name = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1]
    if (name !== undefined) names.add(name)
    return next(url, context)
  }
})
process.on("exit", () => writeFileSync("loaded.json", JSON.stringify([...names])))
`

/** Each takes a tenth of a second of a start, or more, and stays in memory. */
const heavy =
  /^(redis|@redis\/|@nats-io\/|@aws-sdk\/|@electric-sql\/pglite|undici|nodemailer|sharp|@img\/|file-type|music-metadata|strtok3|bowser)/

const scope = new TestScope()
afterAll(scope.close, 60_000)

const heavyPackages = async (variables: Readonly<Record<string, string>>): Promise<ReadonlyArray<string>> => {
  const dataDir = await scope.open(temporaryFolder)
  const env = { ...variables, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(witness)}` }
  await stopRookery(await scope.open(startRookery({ dataDir, env })))
  const loaded = JSON.parse(readFileSync(join(dataDir, "loaded.json"), "utf8")) as ReadonlyArray<string>
  assert.include(loaded, "effect")
  return loaded.filter((name) => heavy.test(name)).sort()
}

describe("a start", () => {
  it("loads no client of what is not configured", async () => {
    assert.deepStrictEqual(await heavyPackages({}), ["@electric-sql/pglite"])
  })
})

describeWith(
  postgresUrl,
  natsUrl,
  redisUrl
)("a start with everything outside", () => {
  it("loads the clients, and no embedded database", async () => {
    const databaseUrl = Redacted.value(await scope.open(freshDatabase()))
    const nats = await scope.open(natsVariables)
    const loaded = await heavyPackages({ DATABASE_URL: databaseUrl, REDIS_URL: redisUrl ?? "", ...nats })
    assert.includeMembers([...loaded], ["redis", "@nats-io/jetstream"])
    assert.notInclude(loaded, "@electric-sql/pglite")
  })
})
