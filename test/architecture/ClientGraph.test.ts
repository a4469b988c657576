import { Schema } from "effect"
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { describe, expect, it } from "vitest"
import { output, projectRoot } from "./Lint.ts"

/** Prints the modules that a program loads, all the way down. */
const witness = `
import { registerHooks } from "node:module"
const urls = new Set()
registerHooks({
  load(url, context, next) {
    urls.add(url)
    return next(url, context)
  }
})
await import(process.argv[1])
process.stdout.write(JSON.stringify([...urls]))
`

const Urls = Schema.fromJsonString(Schema.Array(Schema.String))

const loadedBy = async (file: string): Promise<ReadonlyArray<string>> => {
  const url = pathToFileURL(`${projectRoot}/${file}`).href
  const printed = await output(process.execPath, ["--input-type=module", "--eval", witness, url], projectRoot)
  return Schema.decodeSync(Urls)(printed).map((url) =>
    url.startsWith("file:") ? relative(projectRoot, fileURLToPath(url)).replaceAll("\\", "/") : url
  )
}

/** What programs know of the API: the rules of the domain, and the contracts with the schemas that they are made of. */
const known = [
  /^src\/client\.ts$/,
  /^src\/domain\//,
  /^src\/adapters\/http\/(?:ApiDocs|Authorization|PageQuery|PathId|ProblemDetails|RequestHeaders|StatusName)\.ts$/,
  /^src\/adapters\/http\/(?:classic|v1|talk)\/\w+(?:Api|Docs|Errors|Members|Middleware|Operations|Schemas)\.ts$/,
  /^src\/adapters\/http\/v1\/V1AnswerHeaders\.ts$/,
  /^src\/adapters\/rpc\/(?:Caller|RpcSchemas|TalkCalls|TalkRpcs)\.ts$/,
  /^node_modules\/effect\//
]

const serverCode = (modules: ReadonlyArray<string>) => modules.filter((name) => !known.some((kind) => kind.test(name)))

describe("rookery/client", () => {
  it("loads the contracts, and nothing that only a server needs", async () => {
    const modules = await loadedBy("src/client.ts")
    expect(modules).toContain("src/adapters/http/v1/V1Api.ts")
    expect(modules).toContain("src/adapters/http/classic/ClassicApi.ts")
    expect(serverCode(modules)).toEqual([])
  })

  it("would be found to load what runs on a server", async () => {
    const found = serverCode(await loadedBy("src/adapters/http/v1/V1MiddlewareLive.ts"))
    expect(found).toContain("src/application/accounts/Sessions.ts")
    expect(found).toContain("node:buffer")
  })

  it("is packed with nothing that only a server needs, and needs Effect alone", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rookery-client-"))
    try {
      await output(process.execPath, ["scripts/client.ts", folder], projectRoot)
      const packed = globSync("src/**/*.ts", { cwd: folder })
      expect(packed).toContain("src/adapters/rpc/TalkCalls.ts")
      expect(serverCode(packed)).toEqual([])
      const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
      expect([dependencies, Object.keys(peerDependencies)]).toEqual([undefined, ["effect"]])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
