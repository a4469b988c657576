// Writes a blob that never ends, until it is killed: `node blobWriter.ts <dir>`. Says when some of it is on the disk.
import { Effect, Stream } from "effect"
import { BlobStoreFiles } from "../../../src/adapters/files/BlobStoreFiles.ts"
import { BlobKey, BlobStore, ContentType } from "../../../src/domain/shared/BlobStore.ts"

const chunk = new Uint8Array(64 * 1024).fill(1)

const source = Stream.make(chunk, chunk, chunk).pipe(
  Stream.concat(
    Stream.fromEffect(
      Effect.andThen(
        Effect.sync(() => process.stdout.write("writing\n")),
        Effect.never
      )
    )
  )
)

const write = Effect.flatMap(BlobStore, (store) =>
  store.put(BlobKey.make("test/killed"), source, { contentType: ContentType.make("image/png") })
)

// A timer keeps the process alive.
setInterval(() => {}, 1000)
await Effect.runPromise(Effect.provide(write, BlobStoreFiles({ dir: process.argv[2] ?? "" })))
