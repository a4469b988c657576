import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync
} from "node:fs"
import { hostname, tmpdir } from "node:os"
import { join } from "node:path"
import { findImage, imageFolder, makeImage } from "../../../src/adapters/postgres/EmbeddedImage.ts"
import { EmbeddedPostgres } from "../../../src/adapters/postgres/EmbeddedPostgres.ts"
import { root } from "../../support/RookeryServer.ts"

const cache = mkdtempSync(join(tmpdir(), "rookery-test-"))
const image = join(cache, "postgres-2")
beforeAll(async () => {
  for (const left of ["postgres-1", "postgres-2", "postgres-2.99999", "other"]) mkdirSync(join(cache, left))
  writeFileSync(join(cache, "postgres-2.failed"), "")
  await makeImage(image)
}, 120_000)
afterAll(() => rmSync(cache, { recursive: true, force: true }))

const filesOf = (folder: string) => {
  const files = findImage(folder)
  if (files === undefined) throw new Error(`no image in ${folder}`)
  return files
}
const open = (dataDir: string, from: string) => Effect.scoped(Layer.build(EmbeddedPostgres.layer(dataDir, from)))

/** The system identifier, which `initdb` makes up. */
const identifierOf = (files: string) => readFileSync(join(files, "global/pg_control")).readBigUInt64LE(0)

describe("the embedded database's image", () => {
  it("is alone in its folder when it has been made", () => {
    assert.deepStrictEqual(readdirSync(cache).sort(), ["other", "postgres-2"])
  })

  it("lies where scripts/bootstrap.mjs looks for it", () => {
    const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"))
    const { version } = lock.packages["node_modules/@electric-sql/pglite"]
    assert.strictEqual(imageFolder(), join(root, "node_modules/.cache/rookery", `postgres-${version}`))
  })

  it("can be read by any user, written by one, and names neither machine nor folder", () => {
    const files = filesOf(image)
    for (const name of readdirSync(files, { recursive: true, encoding: "utf8" })) {
      const stat = statSync(join(files, name))
      assert.strictEqual(stat.mode & 0o777, stat.isDirectory() ? 0o755 : 0o644, name)
      if (!stat.isFile()) continue
      const text = readFileSync(join(files, name), "latin1")
      assert.isFalse(text.includes(cache), name)
      if (hostname().length > 4) assert.isFalse(text.includes(hostname()), name)
    }
  })

  it("is made once", async () => {
    const { birthtimeMs, ino } = statSync(image)
    await makeImage(image)
    assert.deepStrictEqual([statSync(image).birthtimeMs, statSync(image).ino], [birthtimeMs, ino])
  })

  it.each([
    ["a folder that was empty", (files: string) => rmSync(join(files, "pg_tblspc"), { recursive: true })],
    ["a file", (files: string) => rmSync(join(files, "base/5/112"))],
    ["a part of a file", (files: string) => truncateSync(join(files, "base/5/112"), 100)],
    ["its list", (files: string) => rmSync(join(files, "../contents.json"))]
  ])("is none when it has lost %s", (_, lose) => {
    const copy = join(cache, "copy")
    cpSync(image, copy, { recursive: true })
    assert.isDefined(findImage(copy))
    lose(join(copy, "files"))
    assert.isUndefined(findImage(copy))
    rmSync(copy, { recursive: true })
  })

  it("says where it cannot be made", async () => {
    const file = join(cache, "other", "file")
    writeFileSync(file, "")
    const error = await makeImage(join(file, "postgres-2")).then(
      () => undefined,
      (error: unknown) => String(error)
    )
    assert.include(error, "ENOTDIR")
  })

  it.live("is what a new database begins as, for its owner alone", () =>
    Effect.gen(function* () {
      const dir = join(cache, "begun")
      yield* open(dir, image)
      assert.strictEqual(identifierOf(join(dir, "postgres")), identifierOf(filesOf(image)))
      assert.strictEqual(statSync(join(dir, "postgres")).mode & 0o777, 0o700)
      assert.isFalse(existsSync(join(dir, "postgres.new")))
    })
  )

  it.live(
    "is not needed",
    () =>
      Effect.gen(function* () {
        const dir = join(cache, "made")
        yield* open(dir, join(cache, "nowhere"))
        assert.notStrictEqual(identifierOf(join(dir, "postgres")), identifierOf(filesOf(image)))
        assert.strictEqual(statSync(join(dir, "postgres")).mode & 0o777, 0o700)
      }),
    60_000
  )
})
