// Runs before `npm start` and `npm test`: installs what the lock file names and node_modules lacks, and makes sure
// that a Node which runs TypeScript will be found. It is started by whatever Node the machine has (18 or later), so
// it uses nothing newer and imports nothing but Node itself.
//
// What is installed is read from npm's own record, node_modules/.package-lock.json, which npm writes last: an
// interrupted install leaves none. Times are not compared, since a git checkout touches the lock file at will.
//
// After an install it also has the database made that every embedded one begins as (scripts/prepare-database.ts), so
// that the first start does not have to wait for that.
//
//   node scripts/bootstrap.mjs         what the server needs (`npm ci --omit=dev` is enough)
//   node scripts/bootstrap.mjs --dev   what the tests need too
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { accessSync, constants, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const modules = join(root, "node_modules")
const attempted = join(modules, ".rookery-install")
const wantsDev = process.argv.includes("--dev")

const lockText = readFileSync(join(root, "package-lock.json"), "utf8")
const lock = JSON.parse(lockText).packages
const node = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).engines.node

/** The installed packages by path, or undefined when no install was ever finished. */
function installedPackages() {
  try {
    return JSON.parse(readFileSync(join(modules, ".package-lock.json"), "utf8")).packages
  } catch {
    return undefined
  }
}

const isHere = (list, value) => list === undefined || [].concat(list).includes(value)

/** Optional packages of the root are those that exist for each platform: Node itself and the type checker. */
function isWanted(path, entry) {
  if (entry.link || (entry.dev && !wantsDev)) return false
  if (!entry.optional) return true
  const name = path.slice("node_modules/".length)
  return (
    name in (lock[""].optionalDependencies ?? {}) &&
    isHere(entry.os, process.platform) &&
    isHere(entry.cpu, process.arch)
  )
}

function missingPackages() {
  const installed = installedPackages()
  if (installed === undefined) return { required: true, optional: false }
  const missing = Object.entries(lock).filter(
    ([path, entry]) => path !== "" && isWanted(path, entry) && installed[path]?.integrity !== entry.integrity
  )
  return {
    required: missing.some(([, entry]) => !entry.optional),
    optional: missing.some(([, entry]) => entry.optional)
  }
}

/** One try for each lock file and platform: an optional package that cannot be had must not reinstall at every start. */
const attempt = `${createHash("sha256").update(lockText).digest("hex")} ${process.platform}-${process.arch}\n`

function wasAttempted() {
  return existsSync(attempted) && readFileSync(attempted, "utf8") === attempt
}

function fail(message) {
  console.error(`rookery: ${message}`)
  process.exit(1)
}

function install() {
  console.error("rookery: installing dependencies, which is needed once and takes about a minute ...")
  const args = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
  if (wantsDev) args.push("--include=dev")
  const npm = process.env.npm_execpath ?? ""
  const options = { cwd: root, stdio: ["ignore", "ignore", "inherit"] }
  const done = npm.endsWith("npm-cli.js")
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync("npm", args, options)
  if (done.error) fail(`npm could not be started: ${done.error.message}`)
  if (done.status !== 0) fail("npm ci failed; its messages are above. Nothing was started.")
  writeFileSync(attempted, attempt)
}

/**
 * npm 10, which comes with Node 20 and 22, removes what it does not install for other platforms, and `.bin/node` with
 * it, since their builds of Node have that name too.
 */
function linkOwnNode() {
  const builds = Object.entries(lock).filter(([path, entry]) => entry.bin?.node && isWanted(path, entry))
  const build = builds.map(([path, entry]) => join(root, path, entry.bin.node)).find((path) => existsSync(path))
  if (build === undefined) return
  try {
    mkdirSync(join(modules, ".bin"), { recursive: true })
    symlinkSync(relative(join(modules, ".bin"), build), ownNode)
  } catch {
    // Packages that somebody else installed, and nobody may add to: what this means is said below.
  }
}

/** Without it a first start is slower, and nothing else: whatever goes wrong here is passed over, and not tried again. */
function prepareDatabase(node) {
  const pglite = lock["node_modules/@electric-sql/pglite"]
  if (pglite === undefined || (process.env.DATABASE_URL && !wantsDev)) return
  const cache = join(modules, ".cache", "rookery")
  const image = join(cache, `postgres-${pglite.version}`)
  if (existsSync(image) || existsSync(`${image}.failed`)) return
  try {
    mkdirSync(cache, { recursive: true })
    accessSync(cache, constants.W_OK)
    const script = join(root, "scripts", "prepare-database.ts")
    spawnSync(node, [script], { stdio: "ignore", timeout: 60_000 })
    if (!existsSync(image)) writeFileSync(`${image}.failed`, "")
  } catch {
    // Packages that somebody else installed, and nobody may add to.
  }
}

const missing = missingPackages()
if (missing.required || (missing.optional && !wasAttempted())) install()

const ownNode = join(modules, ".bin", "node")
if (!existsSync(ownNode)) linkOwnNode()
const hasOwnNode = existsSync(ownNode)
if (!hasOwnNode && Number.parseInt(process.versions.node) < Number(/\d+/.exec(node)[0])) {
  fail(
    `Node ${node} is needed, this is ${process.versions.node}, and npm has no build of it for ` +
      `${process.platform}-${process.arch}. Install it from https://nodejs.org and try again.`
  )
}
prepareDatabase(hasOwnNode ? ownNode : process.execPath)
