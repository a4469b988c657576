import { globSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { describe, expect, it } from "vitest"
import { projectRoot } from "./Lint.ts"

const bannedName = /^(utils?|helpers?|index|common|misc)\.[a-z]+$/i
const bannedFolder = /(^|\/)(utils?|helpers?|common|misc|services|layers)\//i

/**
 * Where a source file may lie. The import rules count the folders that a path climbs, so a file that lies deeper than
 * they know would slip through them.
 */
const place =
  /^src\/([^/]+|(domain|application)\/[^/]+\/[^/]+|adapters\/[^/]+\/[^/]+|adapters\/[^/]+\/[^/]+\/[^/]+)\.ts$/

const misnamed = (files: ReadonlyArray<string>) =>
  files.filter((file) => bannedName.test(basename(file)) || bannedFolder.test(file))

const misplaced = (files: ReadonlyArray<string>) =>
  files.filter((file) => file.startsWith("src/") && file.endsWith(".ts") && !place.test(file))

const castsThroughUnknown = (code: string) => /\bas\s+unknown\s+as\b/.test(code)

const files = globSync(
  ["src", "test", "bench", "scripts", "examples"].map((folder) => `${folder}/**/*.*`),
  {
    cwd: projectRoot
  }
).map((file) => file.replaceAll("\\", "/"))

describe("layout", () => {
  it("refuses planted names, places and casts", () => {
    expect(misnamed(["src/domain/utils.ts", "test/support/helpers.ts", "src/adapters/http/index.ts"])).toHaveLength(3)
    expect(misnamed(["src/application/helpers/Text.ts", "src/Layers/Database.ts"])).toHaveLength(2)
    expect(misplaced(["src/domain/Contact.ts", "src/domain/a/b/Contact.ts", "src/adapters/Nats.ts"])).toHaveLength(3)
    expect(misplaced(["src/adapters/http/classic/contacts/Handlers.ts", "src/services/Mail.ts"])).toHaveLength(2)
    expect(castsThroughUnknown("const a = b as unknown as C")).toBe(true)
  })

  it("accepts the places there are", () => {
    const right = ["src/main.ts", "src/domain/contacts/Contact.ts", "src/adapters/http/classic/ClassicApi.ts"]
    expect([...misnamed(right), ...misplaced(right)]).toEqual([])
    expect(misnamed(["test/support/Services.ts"])).toEqual([])
  })

  it("no file has a name that says nothing", () => {
    expect(misnamed(files)).toEqual([])
  })

  it("every source file lies where the import rules reach it", () => {
    expect(misplaced(files)).toEqual([])
  })

  it("no source file casts through unknown", () => {
    const sources = files.filter((file) => file.startsWith("src/") && file.endsWith(".ts"))
    expect(sources.filter((file) => castsThroughUnknown(readFileSync(join(projectRoot, file), "utf8")))).toEqual([])
  })
})
