import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type ClientGenerator, clientGenerators, compile, compilers, generated, run } from "./GeneratedClients.ts"
import { embedded, onEach, TestScope } from "./Suites.ts"

const scope = new TestScope()
const folders = new Map<ClientGenerator, string>()
const folderOf = (generator: ClientGenerator) => folders.get(generator) ?? ""

beforeAll(async () => {
  for (const generator of clientGenerators) folders.set(generator, await scope.open(generated(generator)))
}, 120_000)
afterAll(scope.close)

const passed = { code: 0, text: "" }
const slow = { timeout: 120_000 }

describe.each(clientGenerators)("the client of $name", (generator) => {
  it.each(compilers)("compiles, and lets nothing pass that the document rules out: %s", slow, async (compiler) => {
    assert.deepStrictEqual(await compile(folderOf(generator), compiler), passed)
  })
})

onEach(
  "an application",
  ({ api }) => {
    it.each(clientGenerators)("does what accounts and contacts are for, by $name", slow, async (generator) => {
      const folder = folderOf(generator)
      assert.deepStrictEqual(await compile(folder, "typescript-7"), passed)
      assert.deepStrictEqual(await run(join(folder, "js", `${generator.sources}Flow.js`), [api.url], folder), passed)
    })
  },
  { only: [embedded] }
)
