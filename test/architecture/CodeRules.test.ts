import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Finding, lint, plantedTree } from "./Lint.ts"

const environment = "export const home = process.env.HOME\n"

const forbidden: ReadonlyArray<readonly [what: string, file: string, code: string, rule: string]> = [
  ["any", "src/domain/shared/Any.ts", "export const f = (x: any) => x\n", "no-explicit-any"],
  ["any in a test", "test/domain/Any.test.ts", "export const f = (x: any) => x\n", "no-explicit-any"],
  [
    "a type imported as a value",
    "src/domain/shared/TypeImport.ts",
    'import { Page } from "./Page.ts"\nexport const f = (x: Page) => x\n',
    "consistent-type-imports"
  ],
  [
    "an import cycle",
    "src/domain/shared/Hen.ts",
    'import { egg } from "./Egg.ts"\nexport const hen = () => egg\n',
    "no-cycle"
  ],
  [
    "the other half of the cycle",
    "src/domain/shared/Egg.ts",
    'import { hen } from "./Hen.ts"\nexport const egg = () => hen\n',
    "no-cycle"
  ],
  ["a barrel", "src/domain/shared/Barrel.ts", 'export * from "./Page.ts"\n', "no-barrel-file"],
  ["a file name in another case", "src/domain/shared/emailAddress.ts", "export const x = 1\n", "filename-case"],
  ["process.env in an adapter", "src/adapters/nats/Environment.ts", environment, "no-process-env"],
  ["process.env in main.ts", "src/main.ts", environment, "no-process-env"],
  ["process.env in a script", "scripts/environment.ts", environment, "no-process-env"]
]

const allowed: ReadonlyArray<readonly [what: string, file: string, code: string]> = [
  ["a page", "src/domain/shared/Page.ts", "export interface Page { readonly size: number }\nexport const first = 1\n"],
  ["process.env in Configuration.ts", "src/Configuration.ts", environment],
  ["process.env in a test", "test/e2e/Environment.test.ts", environment],
  ["process.env in a benchmark", "bench/environment.ts", environment],
  ["a numbered migration", "src/adapters/postgres/migrations/0001_accounts.ts", "export const up = 1\n"]
]

describe("code", () => {
  let findings: ReadonlyArray<Finding> = []
  const tree = plantedTree(
    Object.fromEntries([...forbidden, ...allowed].map(([, file, code]) => [file, code] as const))
  )
  const rules = (file: string) => findings.filter((finding) => finding.file === file).map(({ rule }) => rule)

  beforeAll(async () => {
    findings = await lint(tree.directory)
  })
  afterAll(tree.remove)

  it.each(forbidden)("%s is refused", (_, file, __, rule) => {
    expect(rules(file)).toEqual([expect.stringContaining(rule)])
  })

  it.each(allowed)("%s is accepted", (_, file) => {
    expect(rules(file)).toEqual([])
  })
})
