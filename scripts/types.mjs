// Type-checks with Effect's build of the TypeScript compiler, so that the diagnostics named in tsconfig.json are errors.
// It exists for some platforms only; elsewhere the plain compiler checks the types, and says aloud what it leaves out.
import { spawnSync } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const { resolve } = createRequire(import.meta.url)
const root = fileURLToPath(new URL("..", import.meta.url))
const build = `@effect/tsgo-${process.platform}-${process.arch}`

function compiler() {
  try {
    return join(dirname(resolve(`${build}/package.json`)), "lib", process.platform === "win32" ? "tsc.exe" : "tsc")
  } catch {
    console.error(`NOT CHECKED: Effect's diagnostics (floating effects, ...), for ${build} is not installed.`)
    return undefined
  }
}

const effect = compiler()
const args = ["--noEmit", "--project", join(root, "tsconfig.json"), ...process.argv.slice(2)]
const done =
  effect === undefined
    ? spawnSync(process.execPath, [join(dirname(resolve("typescript-7/package.json")), "bin", "tsc"), ...args], {
        stdio: "inherit"
      })
    : spawnSync(effect, args, { stdio: "inherit" })
if (done.error) throw done.error
process.exit(done.status ?? 1)
