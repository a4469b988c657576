import { execFileSync } from "node:child_process"
import { existsSync, globSync } from "node:fs"
import { delimiter, join } from "node:path"

const versionIn = (folder: string) => Number(/\d+/.exec(folder)?.[0] ?? 0)

const configured = (): ReadonlyArray<string> => {
  try {
    return [execFileSync("pg_config", ["--bindir"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim()]
  } catch {
    return []
  }
}

/** Where PostgreSQL's programs may be: on the path, where `pg_config` says, where Debian has them, the latest first. */
const folders = (): ReadonlyArray<string> => [
  ...(process.env.PATH ?? "").split(delimiter),
  ...configured(),
  ...globSync("/usr/lib/postgresql/*/bin").sort((a, b) => versionIn(b) - versionIn(a))
]

/** A program of PostgreSQL, from a folder that has those beside it too; undefined where there is none. */
export const findProgram = (program: string, ...beside: ReadonlyArray<string>): string | undefined => {
  const folder = folders().find((path) => [program, ...beside].every((name) => existsSync(join(path, name))))
  return folder === undefined ? undefined : join(folder, program)
}
