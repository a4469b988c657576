import { Effect, Layer, Option } from "effect"
import { join } from "node:path"
import { BlobStoreFiles } from "./adapters/files/BlobStoreFiles.ts"
import { DataDirUnusable } from "./adapters/postgres/DataDirLock.ts"
import type { Configuration } from "./Configuration.ts"
import { BlobStore } from "./domain/shared/BlobStore.ts"

type Settings = Pick<Configuration["Service"], "databaseUrl" | "dataDir" | "natsUrl" | "s3">

/** What several instances can share, they are likely to: each would look for the others' blobs in its own folder. */
const NotShared = ({ databaseUrl, dataDir, natsUrl }: Settings) =>
  Option.isSome(databaseUrl) && Option.isSome(natsUrl)
    ? Layer.effectDiscard(
        Effect.logWarning(
          `Pictures and clips are files under ${dataDir}, since S3_ENDPOINT is not set: other instances on this database do not have them`
        )
      )
    : Layer.empty

const Folder = (settings: Settings) =>
  BlobStoreFiles({ dir: join(settings.dataDir, "blobs") }).pipe(
    Layer.catchTag("BlobStoreUnavailable", ({ reason }) =>
      Layer.effect(BlobStore, new DataDirUnusable({ dir: settings.dataDir, reason }))
    ),
    Layer.merge(NotShared(settings))
  )

/** Where blobs are: a bucket, or a folder beside the embedded database. */
export const Blobs = (settings: Settings): Layer.Layer<BlobStore, DataDirUnusable> =>
  Option.match(settings.s3, {
    onNone: () => Folder(settings),
    onSome: (options) =>
      Layer.unwrap(
        Effect.promise(async () => {
          const { BlobStoreS3 } = await import("./adapters/s3/BlobStoreS3.ts")
          return BlobStoreS3(options)
        })
      )
  })
