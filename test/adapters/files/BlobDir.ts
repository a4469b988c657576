import { Effect, Layer } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { BlobStoreFiles } from "../../../src/adapters/files/BlobStoreFiles.ts"

/** Removed with its scope. */
export const newDir = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "rookery-blobs-"))),
  (dir) => Effect.sync(() => rmSync(dir, { recursive: true, force: true }))
)

export const inNewDir = Layer.unwrap(Effect.map(newDir, (dir) => BlobStoreFiles({ dir: join(dir, "blobs") })))
