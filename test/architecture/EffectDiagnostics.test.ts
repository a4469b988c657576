import { existsSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { isCI } from "../support/ServiceProbe.ts"
import { output, plantedTree, projectRoot } from "./Lint.ts"

const environment = "export const home = process.env.HOME\n"
const date = "export const now = Date.now()\n"

const forbidden: ReadonlyArray<readonly [rule: string, file: string, code: string]> = [
  [
    "floatingEffect",
    "src/domain/shared/Floating.ts",
    'import { Effect } from "effect"\nexport const f = () => {\n  Effect.succeed(1)\n}\n'
  ],
  [
    "leakingRequirements",
    "src/domain/shared/Leaking.ts",
    `import { Context, type Effect } from "effect"
class Db extends Context.Service<Db, { readonly query: Effect.Effect<number> }>()("rookery/domain/shared/Leaking/Db") {}
export class Leaking extends Context.Service<
  Leaking,
  { readonly a: Effect.Effect<number, never, Db>; readonly b: Effect.Effect<number, never, Db> }
>()("rookery/domain/shared/Leaking") {}
`
  ],
  [
    "layerMergeAllWithDependencies",
    "src/domain/shared/Merged.ts",
    `import { Context, Effect, Layer } from "effect"
class A extends Context.Service<A, { readonly n: number }>()("rookery/domain/shared/Merged/A") {}
class B extends Context.Service<B, { readonly n: number }>()("rookery/domain/shared/Merged/B") {}
const ALayer = Layer.succeed(A, { n: 1 })
const BLayer = Layer.effect(B, Effect.map(A, (a) => ({ n: a.n })))
export const Merged = Layer.mergeAll(ALayer, BLayer)
`
  ],
  ["globalDate", "src/domain/shared/Dated.ts", date],
  ["globalDate", "src/Rookery.ts", date],
  ["processEnv", "src/adapters/nats/Environment.ts", environment],
  ["processEnv", "src/main.ts", environment]
]

const allowed: ReadonlyArray<readonly [rule: string, file: string, code: string]> = [
  ["processEnv", "src/Configuration.ts", environment],
  ["processEnv", "test/Environment.test.ts", environment],
  ["processEnv", "bench/environment.ts", environment],
  ["globalDate", "test/Dated.test.ts", date],
  ["globalDate", "bench/dated.ts", date]
]

const compiler = join(projectRoot, "node_modules", `@effect/tsgo-${process.platform}-${process.arch}`, "lib", "tsc")

// scripts/types.mjs says aloud that this platform has no such compiler.
describe.skipIf(!existsSync(compiler) && !isCI())("types", () => {
  const tree = plantedTree(
    Object.fromEntries([...forbidden, ...allowed].map(([, file, code]) => [file, code] as const))
  )
  const said = output(compiler, ["--noEmit", "--pretty", "false"], tree.directory)
  afterAll(tree.remove)

  it.each(forbidden)("%s is an error in %s", async (rule, file) => {
    const lines = (await said).split("\n").filter((line) => line.startsWith(`${file}(`))
    expect(lines).toEqual([expect.stringMatching(/: error TS\d+: /)])
    expect(await said).toContain(`effect(${rule})`)
  })

  it.each(allowed)("%s is no error in %s", async (_, file) => {
    expect((await said).split("\n").filter((line) => line.startsWith(`${file}(`))).toEqual([])
  })
})
