import { Effect, Schema } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { BenchError } from "../BenchError.ts"
import { finished } from "../Process.ts"
import { rawRequest } from "./HttpRequest.ts"
import type { Drive, LoadGenerator } from "./LoadGenerator.ts"

const script = join(import.meta.dirname, "wrk.lua")

const Result = Schema.fromJsonString(
  Schema.Struct({
    requests: Schema.Int,
    micros: Schema.Int,
    p50: Schema.Int,
    p99: Schema.Int,
    failed: Schema.Int
  })
)

/**
 * wrk on one thread, which two processors leave room for beside the server and its database. It knows whole seconds
 * only: less than one is one.
 */
export const wrk: LoadGenerator = {
  name: "wrk",
  prepare: Effect.fnUntraced(function* (requests) {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "rookery-bench-wrk-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
    )
    const file = join(folder, "requests")
    yield* Effect.sync(() => writeFileSync(file, requests.map(rawRequest).join("\0")))
    return (drive) => run(file, drive)
  })
}

const run = Effect.fnUntraced(function* (file: string, { connections, offset, seconds, url }: Drive) {
  const output = yield* finished({
    command: "wrk",
    args: `--threads 1 --connections ${connections} --duration ${Math.ceil(seconds)}s --timeout 10s --script`
      .split(" ")
      .concat(script, url, "--", file, String(offset))
  })
  const [, result = ""] = /^result (.*)$/m.exec(output) ?? []
  const { failed, micros, p50, p99, requests } = yield* Schema.decodeEffect(Result)(result).pipe(
    Effect.mapError(() => new BenchError({ message: `wrk did not say how it went: ${output.trim()}` }))
  )
  return { requests, seconds: micros / 1e6, p50: p50 / 1000, p99: p99 / 1000, failed }
})
