import { globSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { somePhone } from "../contracts/Fixtures.ts"
import { chatting } from "./Chat.ts"
import { clientProject } from "./ClientPackage.ts"
import { compile, compilers } from "./GeneratedClients.ts"
import { embedded, onEach, TestScope } from "./Suites.ts"
import { codeFor } from "./TalkAccounts.ts"

const scope = new TestScope()
let folder = ""

beforeAll(async () => {
  folder = await scope.open(clientProject)
}, 60_000)
afterAll(scope.close)

const slow = 60_000

describe("rookery/client, installed in another project", () => {
  it.each(compilers)(
    "has types that let misuse pass nowhere, whatever the project's options: %s",
    async (compiler) => {
      assert.deepStrictEqual(await compile(folder, compiler), { code: 0, text: "" })
    },
    slow
  )

  it("has JavaScript for all that has types", () => {
    const modules = (place: string, suffix: string) =>
      globSync(`**/*${suffix}`, { cwd: join(folder, "node_modules/rookery", place) })
        .map((name) => name.slice(0, -suffix.length))
        .toSorted()
    assert.include(modules("js", ".js"), "client")
    assert.deepStrictEqual(modules("js", ".js"), modules("src", ".ts"))
  })
})

onEach(
  "rookery/client, installed in another project,",
  ({ api, scope }) => {
    it(
      "is run by Node as it is",
      async () => {
        const [ada, bob] = [somePhone(), somePhone()]
        const chat = await scope.open(chatting([ada, bob, api.url], { file: join(folder, "chat.ts"), cwd: folder }))
        await chat.shows(0, [`The code that was sent to ${ada}?`])
        chat.write(await codeFor(api, ada))
        await chat.shows(1, [`You are talking to ${bob}.`])
        assert.strictEqual(await chat.leave(), 0)
      },
      slow
    )
  },
  { only: [embedded] }
)
