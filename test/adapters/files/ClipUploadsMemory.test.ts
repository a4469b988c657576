import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { hasProcessMemory } from "../../e2e/ProcessMemory.ts"
import { newDir } from "./BlobDir.ts"

const program = join(import.meta.dirname, "clipUploads.ts")

const Measured = Schema.Struct({ before: Schema.Number, rise: Schema.Number, bytes: Schema.Number, known: Schema.Int })

describe("clips", () => {
  it.live.skipIf(!hasProcessMemory)(
    "of 20 MB are uploaded fifty at once with less than 150 MB more memory, on Linux",
    () =>
      Effect.gen(function* () {
        const dir = yield* newDir
        const { stdout } = yield* Effect.promise(() =>
          promisify(execFile)(process.execPath, ["--expose-gc", program, join(dir, "blobs"), "50", "20"])
        )
        const { bytes, known, rise } = yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Measured))(stdout)
        assert.approximately(bytes, 1_000_000_000, 10_000_000)
        assert.strictEqual(known, 50)
        assert.isBelow(rise, 150, "MB")
      }).pipe(Effect.scoped),
    // What rises is what waits to be collected. When that is done is never certain, so the measure may be taken again.
    { timeout: 120_000, retry: 2 }
  )
})
