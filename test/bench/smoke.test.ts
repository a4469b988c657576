import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope, Schema } from "effect"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Results, type Run } from "../../bench/report/Results.ts"
import { launch, stopRookery, temporaryFolder } from "../support/RookeryServer.ts"
import { describeWith, postgresUrl } from "../support/Services.ts"

const decode = Schema.decodeSync(Schema.fromJsonString(Results))

const run = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
  const folder = yield* temporaryFolder
  const { BENCH_PYTHON = "" } = process.env
  const env = { DATABASE_URL: postgresUrl ?? "", TMPDIR: folder, BENCH_PYTHON }
  const bench = yield* Effect.acquireRelease(
    Effect.sync(() => launch("bench/main.ts", args, { dataDir: folder, env })),
    (launched) => Effect.promise(() => stopRookery(launched))
  )
  const code = yield* Effect.promise(() => bench.ended)
  return { code, folder, output: bench.output() }
})

/** A run that went well: what it wrote. */
const resultsOf = Effect.fnUntraced(function* (
  ...args: ReadonlyArray<string>
): Effect.fn.Return<{ readonly folder: string; readonly results: Results }, never, Scope.Scope> {
  const out = yield* temporaryFolder
  const { code, folder, output } = yield* run("--smoke", "--generator", "autocannon", "--out", out, ...args)
  assert.strictEqual(code, 0, output)
  assert.deepStrictEqual(globSync("*", { cwd: folder, exclude: ["data", "node-compile-cache"] }), [], "left behind")
  return { folder: out, results: decode(readFileSync(join(out, "results.json"), "utf8")) }
})

const servers = ["rookery", "fastify", "hono", "fastapi"]
const limits = ["http", "pgbench"]

/** Whom each scenario has to have measured. */
const expected = {
  "cold-start": [...servers, "embedded"],
  contact: [...servers, ...limits],
  list: [...servers, ...limits],
  search: servers,
  note: [...servers, ...limits],
  memory: servers,
  "sign-in": servers,
  message: servers,
  "fan-out": servers
}

/** All of them, but for those that say why they can't be measured here. */
const present = (run: Run, names: ReadonlyArray<string>) => {
  const leftOut = run.leftOut.join("\n")
  const missing = [
    ...(leftOut.includes("FastAPI") ? ["fastapi"] : []),
    ...(leftOut.includes("pgbench") ? ["pgbench"] : [])
  ]
  return names.filter((name) => !missing.includes(name))
}

describeWith(postgresUrl)("the bench", { timeout: 180_000 }, () => {
  it.live("measures every server in every scenario", () =>
    Effect.gen(function* () {
      const { folder, results } = yield* resultsOf()
      const { comparison } = results
      if (comparison === null) return assert.fail("nothing was compared")
      assert.deepStrictEqual(
        Object.fromEntries(comparison.scenarios.map(({ name, servers }) => [name, servers.map(({ name }) => name)])),
        Object.fromEntries(Object.entries(expected).map(([name, names]) => [name, present(comparison, names)]))
      )
      for (const { metrics, name, servers } of comparison.scenarios) {
        for (const server of servers) {
          assert.lengthOf(server.rounds, 1)
          assert.isAbove(server.medians[metrics[0].name] ?? 0, 0, `${name} of ${server.name}`)
        }
      }
      assert.include(readFileSync(join(folder, "RESULTS.md"), "utf8"), "## Targets")
      assert.include(readFileSync(join(folder, "results.svg"), "utf8"), "<svg")
    }).pipe(Effect.scoped)
  )

  it.live("measures Rookery on tables of several sizes", () =>
    Effect.gen(function* () {
      const { results } = yield* resultsOf("--growth", "--scenario", "contact,search")
      const sizes = results.growth?.scenarios.map(({ name, servers }) => [name, servers.map(({ name }) => name)])
      assert.deepStrictEqual(sizes, [
        ["contact", ["200", "400"]],
        ["search", ["200", "400"]]
      ])
    }).pipe(Effect.scoped)
  )
})

describe("the bench's options", { timeout: 120_000 }, () => {
  it.live.each([
    [["--nope"], "Unrecognized flag: --nope"],
    [["--server=express"], "of rookery, fastify, hono, fastapi, http, pgbench"],
    [["--rounds=0"], "between 1 and 100"],
    [["--growth", "--scenario=contact,sign-in"], "and not sign-in"]
  ] as const)("refuse %j", ([options, told]) =>
    Effect.gen(function* () {
      const { code, output } = yield* run(...options)
      assert.strictEqual(code, 1)
      assert.include(output, told)
    }).pipe(Effect.scoped)
  )
})
