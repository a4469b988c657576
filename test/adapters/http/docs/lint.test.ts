import { execFile } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { projectRoot } from "../../../architecture/Lint.ts"

interface Linted {
  readonly clean: boolean
  readonly said: string
}

/** Nothing listens there: whoever asks another host gets no answer. */
const nowhere = "http://127.0.0.1:9"

const run = (tool: string, args: ReadonlyArray<string>, cwd: string): Promise<Linted> =>
  new Promise((resolve) => {
    const program = realpathSync(join(projectRoot, "node_modules", ".bin", tool))
    const env = {
      PATH: process.env.PATH,
      NO_COLOR: "1",
      REDOCLY_TELEMETRY: "off",
      REDOCLY_SUPPRESS_UPDATE_NOTICE: "true",
      HTTP_PROXY: nowhere,
      HTTPS_PROXY: nowhere
    }
    execFile(process.execPath, [program, ...args], { cwd, env }, (error, stdout, stderr) => {
      resolve({ clean: error === null, said: stdout + stderr })
    })
  })

const redocly = (file: string, cwd: string) => run("redocly", ["lint", file], cwd)
const spectral = (file: string, cwd: string) => run("spectral", ["lint", "--fail-severity", "warn", file], cwd)

describe.concurrent("openapi.json", { timeout: 120_000 }, () => {
  const planted = mkdtempSync(join(tmpdir(), "rookery-openapi-"))
  for (const rules of ["redocly.yaml", ".spectral.yaml"]) cpSync(join(projectRoot, rules), join(planted, rules))
  const sound = readFileSync(join(projectRoot, "openapi.json"), "utf8")
  // Two operations of one name, and an example that its schema refuses.
  writeFileSync(join(planted, "twice.json"), sound.replace('"getContact"', '"getNote"'))
  writeFileSync(join(planted, "example.json"), sound.replace('"user_id": 2', '"user_id": "two"'))
  afterAll(() => rmSync(planted, { recursive: true, force: true }))

  it("passes redocly's rules, warnings included", async () => {
    const { clean, said } = await redocly("openapi.json", projectRoot)
    assert.isTrue(clean, said)
  })

  it("passes spectral's rules, warnings included", async () => {
    const { clean, said } = await spectral("openapi.json", projectRoot)
    assert.isTrue(clean, said)
  })

  it.each(["twice.json", "example.json"])("would not pass with a mistake: %s", async (file) => {
    for (const { clean, said } of await Promise.all([redocly(file, planted), spectral(file, planted)])) {
      assert.isFalse(clean, said)
      assert.match(said, /getNote|operationId|operation-operationId-unique|example/)
    }
  })
})
