import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { lockByFile, lockByName, lockDataDir } from "../../../src/adapters/postgres/DataDirLock.ts"

const scratchDir = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "rookery-test-"))),
  (dir) => Effect.sync(() => rmSync(dir, { recursive: true, force: true }))
)

describe("DataDirLock", () => {
  it.live("holds a folder under every name it has, until it is let go", () =>
    Effect.gen(function* () {
      const dir = yield* scratchDir
      const link = `${dir}.link`
      symlinkSync(dir, link)
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(link)))
      const first = yield* Scope.make()
      yield* Scope.provide(lockDataDir(dir), first)
      const error = yield* Effect.flip(lockDataDir(link))
      assert.strictEqual(error.message, `DATA_DIR ${link} is in use by another Rookery (pid ${process.pid})`)
      yield* Scope.close(first, Exit.void)
      assert.strictEqual(yield* lockDataDir(link), dir)
    })
  )

  it.live.runIf(process.platform === "linux")("holds folders apart by name", () =>
    Effect.gen(function* () {
      yield* lockByName("a", "/a")
      yield* lockByName("b", "/b")
      assert.strictEqual((yield* Effect.flip(lockByName("a", "/a")))._tag, "DataDirInUse")
    })
  )
})

describe("DataDirLock by file", () => {
  const lock = (dir: string) => lockByFile(dir, dir)
  const file = (dir: string) => join(dir, "rookery.pid")
  /** The number of a process that is no more. */
  const dead = 2 ** 22 + 1

  it.live("names the living owner and leaves its file alone", () =>
    Effect.gen(function* () {
      const dir = yield* scratchDir
      writeFileSync(file(dir), String(process.ppid))
      const error = yield* Effect.flip(lock(dir))
      assert.strictEqual(error.message, `DATA_DIR ${dir} is in use by another Rookery (pid ${process.ppid})`)
      assert.strictEqual(readFileSync(file(dir), "utf8"), String(process.ppid))
    })
  )

  for (const [whose, content] of [
    ["a dead process", String(dead)],
    ["an earlier life's process of the same number", String(process.pid)],
    ["nobody, cut short", ""]
  ] as const) {
    it.live(`takes over the file of ${whose}`, () =>
      Effect.gen(function* () {
        const dir = yield* scratchDir
        writeFileSync(file(dir), content)
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* lock(dir)
            assert.strictEqual(readFileSync(file(dir), "utf8"), String(process.pid))
          })
        )
        assert.isFalse(existsSync(file(dir)))
      })
    )
  }

  it.live("says that a folder cannot be written to", () =>
    Effect.gen(function* () {
      const dir = yield* scratchDir
      const error = yield* Effect.flip(lock(join(dir, "missing")))
      assert.strictEqual(error._tag, "DataDirUnusable")
    })
  )
})
