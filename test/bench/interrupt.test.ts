import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { chmodSync, globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { findProgram } from "../../bench/database/PostgresPrograms.ts"
import { isCI } from "../support/ServiceProbe.ts"
import { launch, stopRookery, temporaryFolder } from "../support/RookeryServer.ts"

/** Whether a process is there. */
const lives = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const until = (condition: () => boolean) =>
  Effect.sleep("50 millis").pipe(Effect.repeat({ until: condition }), Effect.timeout("40 seconds"))

describe.skipIf(findProgram("postgres", "initdb") === undefined && !isCI())(
  "a bench that is interrupted",
  { timeout: 120_000 },
  () => {
    it.live("stops and removes all that it has started, its own PostgreSQL among it", () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        // Where tests run as root, PostgreSQL does not.
        yield* Effect.sync(() => chmodSync(folder, 0o755))
        const args = ["--smoke", "--scenario=contact", "--server=rookery,fastify", "--seconds=60"]
        const bench = yield* Effect.acquireRelease(
          Effect.sync(() => launch("bench/main.ts", args, { dataDir: folder, env: { TMPDIR: folder } })),
          (launched) => Effect.promise(() => stopRookery(launched))
        )
        yield* until(() => bench.output().includes("Read one contact") || bench.process.exitCode !== null)
        const [pidFile = ""] = globSync("rookery-bench-postgres-*/data/postmaster.pid", { cwd: folder })
        assert.notStrictEqual(pidFile, "", bench.output())
        const postgres = Number.parseInt(readFileSync(join(folder, pidFile), "utf8"))
        assert.isTrue(lives(postgres))

        bench.process.kill("SIGINT")
        assert.notStrictEqual(yield* Effect.promise(() => bench.ended), 0)
        assert.isFalse(lives(postgres))
        assert.deepStrictEqual(globSync("rookery-bench-*", { cwd: folder }), [])
      }).pipe(Effect.scoped)
    )
  }
)
