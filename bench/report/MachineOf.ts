import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { cpus, release, totalmem, type } from "node:os"
import { join } from "node:path"
import type { Machine } from "./Results.ts"

const system = (): string => {
  try {
    const name = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1]
    return `${name ?? type()}, ${type()} ${release()}`
  } catch {
    return `${type()} ${release()}`
  }
}

/** What it was measured on. */
export const machineOf = (sql: SqlClient.SqlClient): Effect.Effect<Machine> =>
  sql<{ version: string; fsync: string; synchronousCommit: string }>`
    SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
      current_setting('synchronous_commit') AS synchronous_commit`.pipe(
    Effect.orDie,
    Effect.map(([row]) => ({
      processor: cpus()[0]?.model ?? "unknown processor",
      cores: cpus().length,
      memory: totalmem() / 1e9,
      system: system(),
      node: process.versions.node,
      postgres: row?.version ?? "unknown",
      fsync: row?.fsync ?? "unknown",
      synchronousCommit: row?.synchronousCommit ?? "unknown"
    }))
  )

/** The commit that is checked out, with a `+` where files differ from it. */
export const commit = (): string => {
  const git = (...args: ReadonlyArray<string>) =>
    execFileSync("git", args, {
      cwd: join(import.meta.dirname, "../.."),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"]
    }).trim()
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no", "--", "src", "bench", "package-lock.json")
    return `${git("rev-parse", "--short", "HEAD")}${changed === "" ? "" : "+"}`
  } catch {
    return "unknown"
  }
}
