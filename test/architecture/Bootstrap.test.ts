import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { output, projectRoot } from "./Lint.ts"

const here = { os: [process.platform], cpu: [process.arch] }

const lock = {
  packages: {
    "": { optionalDependencies: { runtime: "1.0.0", elsewhere: "1.0.0" } },
    "node_modules/@electric-sql/pglite": { version: "1.2.3", integrity: "sha512-pglite" },
    "node_modules/effect": { integrity: "sha512-effect" },
    "node_modules/vitest": { integrity: "sha512-vitest", dev: true },
    "node_modules/runtime": { integrity: "sha512-runtime", optional: true, bin: { node: "bin/node" }, ...here },
    "node_modules/elsewhere": {
      integrity: "sha512-elsewhere",
      optional: true,
      bin: { node: "bin/node" },
      os: ["none"],
      cpu: ["none"]
    }
  }
}

/** Stands for npm: notes how it was called, and installs what `INSTALLS` names. */
const npm = `const fs = require("node:fs")
fs.appendFileSync("calls", process.argv.slice(2).join(" ") + "\\n")
const all = JSON.parse(fs.readFileSync("package-lock.json", "utf8")).packages
const packages = Object.fromEntries(process.env.INSTALLS.split(",").map((name) => ["node_modules/" + name, all["node_modules/" + name]]))
fs.mkdirSync("node_modules", { recursive: true })
fs.writeFileSync("node_modules/.package-lock.json", JSON.stringify({ packages }))
`

/** Stands for the script that makes the database's image. */
const prepare = `import { appendFileSync, mkdirSync } from "node:fs"
appendFileSync("prepared", "once\\n")
if (process.env.PREPARES !== "nothing") mkdirSync("node_modules/.cache/rookery/postgres-1.2.3")
`

describe("bootstrap", () => {
  let root = ""
  const path = (name: string) => join(root, name)
  const linesOf = (name: string) => (existsSync(path(name)) ? readFileSync(path(name), "utf8").trim().split("\n") : [])
  const calls = () => linesOf("calls")
  const bootstrap = (...args: ReadonlyArray<string>) =>
    output(process.execPath, [path("scripts/bootstrap.mjs"), ...args], root)
  const installs = (names: string) => {
    process.env.INSTALLS = `@electric-sql/pglite,${names}`
  }

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "rookery-bootstrap-"))
    mkdirSync(path("scripts"))
    cpSync(join(projectRoot, "scripts/bootstrap.mjs"), path("scripts/bootstrap.mjs"))
    writeFileSync(path("package.json"), JSON.stringify({ engines: { node: ">=26" } }))
    writeFileSync(path("package-lock.json"), JSON.stringify(lock))
    writeFileSync(path("npm-cli.js"), npm)
    writeFileSync(path("scripts/prepare-database.ts"), prepare)
    delete process.env.PREPARES
    delete process.env.DATABASE_URL
    process.env.npm_execpath = path("npm-cli.js")
    installs("effect,vitest,runtime")
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  it("installs on a fresh clone, in one line, and never again", async () => {
    expect((await bootstrap()).trim().split("\n")).toEqual([expect.stringContaining("installing dependencies")])
    expect(calls()).toEqual([expect.stringMatching(/^ci /)])
    expect(await bootstrap("--dev")).toBe("")
    utimesSync(path("package-lock.json"), new Date(), new Date(Date.now() + 3_600_000))
    expect(await bootstrap("--dev")).toBe("")
    expect(calls()).toHaveLength(1)
  })

  it("installs again when the lock file names something else", async () => {
    await bootstrap()
    const changed = { ...lock.packages, "node_modules/effect": { integrity: "sha512-newer" } }
    writeFileSync(path("package-lock.json"), JSON.stringify({ packages: changed }))
    await bootstrap()
    expect(calls()).toHaveLength(2)
  })

  it("starts with what `npm ci --omit=dev` left, and tests with the rest", async () => {
    installs("effect,runtime")
    await bootstrap()
    await bootstrap()
    expect(calls()).toHaveLength(1)
    installs("effect,vitest,runtime")
    await bootstrap("--dev")
    expect(calls()).toHaveLength(2)
    expect(calls()[1]).toContain("--include=dev")
  })

  it("tries once for a package of this platform that cannot be had", async () => {
    installs("effect,vitest")
    await bootstrap()
    await bootstrap()
    expect(calls()).toHaveLength(1)
    rmSync(path("node_modules/.rookery-install"))
    await bootstrap()
    expect(calls()).toHaveLength(2)
  })

  it("links the Node of this platform where npm took the link away", async () => {
    for (const name of ["elsewhere", "runtime"]) {
      mkdirSync(path(`node_modules/${name}/bin`), { recursive: true })
      symlinkSync(process.execPath, path(`node_modules/${name}/bin/node`))
    }
    await bootstrap()
    expect(readlinkSync(path("node_modules/.bin/node"))).toBe("../runtime/bin/node")
    rmSync(path("node_modules/runtime/bin/node"))
    rmSync(path("node_modules/.bin"), { recursive: true })
    expect(await bootstrap()).toBe("")
    expect(existsSync(path("node_modules/.bin/node"))).toBe(false)
  })

  it("installs again after an install that was cut off", async () => {
    await bootstrap()
    rmSync(path("node_modules/.package-lock.json"))
    await bootstrap()
    expect(calls()).toHaveLength(2)
  })

  it("has the embedded database prepared once, in silence, also where somebody else has installed", async () => {
    await bootstrap()
    expect(linesOf("prepared")).toHaveLength(1)
    rmSync(path("node_modules/.cache"), { recursive: true })
    expect(await bootstrap()).toBe("")
    expect(await bootstrap()).toBe("")
    expect(linesOf("prepared")).toHaveLength(2)
  })

  it("goes on without a prepared database, and does not try again until another PGlite is installed", async () => {
    process.env.PREPARES = "nothing"
    await bootstrap()
    await bootstrap()
    expect(linesOf("prepared")).toHaveLength(1)
    const newer = { ...lock.packages, "node_modules/@electric-sql/pglite": { version: "1.2.4", integrity: "sha512-4" } }
    writeFileSync(path("package-lock.json"), JSON.stringify({ packages: newer }))
    await bootstrap()
    expect(linesOf("prepared")).toHaveLength(2)
  })

  it("prepares nothing for a server whose database is elsewhere", async () => {
    process.env.DATABASE_URL = "postgres://db.example/rookery"
    await bootstrap()
    expect(linesOf("prepared")).toEqual([])
    await bootstrap("--dev")
    expect(linesOf("prepared")).toHaveLength(1)
  })
})
