import { Schema } from "effect"
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync
} from "node:fs"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** Sizes of the files, in bytes; null for a folder. */
const Contents = Schema.fromJsonString(Schema.Record(Schema.String, Schema.NullOr(Schema.Number)))

const Manifest = Schema.fromJsonString(Schema.Struct({ version: Schema.String }))

const modules = fileURLToPath(new URL("../../../node_modules", import.meta.url))

/** Where an image for the PGlite that is installed lies: scripts/bootstrap.mjs knows this path too. */
export const imageFolder = (): string => {
  const manifest = readFileSync(join(modules, "@electric-sql/pglite/package.json"), "utf8")
  return join(modules, ".cache/rookery", `postgres-${Schema.decodeSync(Manifest)(manifest).version}`)
}

/** Beside the files, so that an image that lost some (empty folders, say) is not taken for a database. */
const contentsOf = (image: string) => join(image, "contents.json")
const filesOf = (image: string) => join(image, "files")
const sizeOf = (stat: Stats) => (stat.isDirectory() ? null : stat.size)

/**
 * A database that nobody has used yet, as a folder to copy, or undefined when there is no whole one. Making it takes
 * `initdb` seconds, which a first start should not have to wait for: it is made once, after an install.
 */
export const findImage = (image?: string): string | undefined => {
  try {
    const folder = image ?? imageFolder()
    const files = filesOf(folder)
    const contents = Schema.decodeSync(Contents)(readFileSync(contentsOf(folder), "utf8"))
    const isThere = ([path, size]: [string, number | null]) => sizeOf(statSync(join(files, path))) === size
    return Object.entries(contents).every(isThere) ? files : undefined
  } catch {
    return undefined
  }
}

/**
 * Makes the image unless it is there, and takes away those of other versions and what killed tries left. It is whole
 * from the moment that it is found; several may try at once. Rejects where it cannot be written.
 */
export const makeImage = async (image: string = imageFolder()): Promise<void> => {
  if (findImage(image) !== undefined) return
  const unfinished = `${image}.${process.pid}`
  const files = filesOf(unfinished)
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(files, { recursive: true })
  try {
    const { PGlite } = await import("@electric-sql/pglite")
    const db = await PGlite.create({ dataDir: files })
    await db.close()
    writeFileSync(contentsOf(unfinished), JSON.stringify(settle(files)))
    publish(unfinished, image)
  } catch (error) {
    // Who was faster has taken ours away, and theirs is as good.
    if (findImage(image) === undefined) throw error
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

/** Lets whoever starts the server read the files, and their owner alone write them; returns what there is. */
const settle = (files: string): typeof Contents.Type =>
  Object.fromEntries(
    readdirSync(files, { recursive: true, encoding: "utf8" }).map((path) => {
      const stat = statSync(join(files, path))
      chmodSync(join(files, path), stat.isDirectory() ? 0o755 : 0o644)
      return [path, sizeOf(stat)]
    })
  )

const publish = (unfinished: string, image: string): void => {
  if (findImage(image) === undefined) {
    rmSync(image, { recursive: true, force: true })
    renameSync(unfinished, image)
  }
  const cache = dirname(image)
  for (const name of readdirSync(cache)) {
    if (name.startsWith("postgres-") && name !== basename(image)) rmSync(join(cache, name), { recursive: true })
  }
}
