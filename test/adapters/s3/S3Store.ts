import { S3 } from "@aws-sdk/client-s3"
import { Effect, Layer, Redacted } from "effect"
import { randomUUID } from "node:crypto"
import { BlobStoreS3 } from "../../../src/adapters/s3/BlobStoreS3.ts"
import { s3Url } from "../../support/Services.ts"

const { hostname, password, port, protocol, username } = new URL(s3Url ?? "http://nobody:nothing@127.0.0.1:1")

export const settings = {
  endpoint: `${protocol}//${hostname}:${port}`,
  region: "us-east-1",
  accessKeyId: decodeURIComponent(username),
  secretAccessKey: Redacted.make(decodeURIComponent(password))
}

/** A client of the test's own. */
export const s3 = new S3({
  ...settings,
  credentials: { accessKeyId: settings.accessKeyId, secretAccessKey: Redacted.value(settings.secretAccessKey) },
  forcePathStyle: true,
  requestChecksumCalculation: "WHEN_REQUIRED",
  responseChecksumValidation: "WHEN_REQUIRED"
})

const empty = async (Bucket: string) => {
  for (;;) {
    const { Contents = [] } = await s3.listObjectsV2({ Bucket, MaxKeys: 200 })
    if (Contents.length === 0) return
    await Promise.all(Contents.map(({ Key }) => s3.deleteObject({ Bucket, Key })))
  }
}

/** A name that no bucket has yet. What has it when the scope closes is removed. */
export const newBucket = Effect.acquireRelease(
  Effect.sync(() => `rookery-test-${randomUUID()}`),
  (Bucket) =>
    Effect.ignore(
      Effect.tryPromise(async () => {
        await empty(Bucket)
        await s3.deleteBucket({ Bucket })
      })
    )
)

/** Lists a few keys at once, so that a list is more than one page. */
export const inNewBucket = Layer.unwrap(
  Effect.map(newBucket, (bucket) => BlobStoreS3({ ...settings, bucket, pageSize: 4 }))
)
