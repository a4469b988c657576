import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, Option, Redacted } from "effect"
import { Blobs } from "../../src/Blobs.ts"
import { newDir } from "../adapters/files/BlobDir.ts"

const databaseUrl = Option.some(Redacted.make("postgres://localhost/rookery"))
const natsUrl = Option.some(Redacted.make("nats://localhost"))
const s3 = Option.some({
  endpoint: "http://127.0.0.1:1",
  region: "us-east-1",
  bucket: "rookery",
  accessKeyId: "id",
  secretAccessKey: Redacted.make("secret")
})
const alone = { databaseUrl: Option.none(), natsUrl: Option.none(), s3: Option.none() }

/** What is said at the start. */
const told = Effect.fnUntraced(function* (settings: Partial<Parameters<typeof Blobs>[0]>) {
  const dataDir = yield* newDir
  const lines: Array<string> = []
  const logger = Logger.layer([
    Logger.make(({ logLevel, message }) => void lines.push(`${logLevel} ${String(message)}`))
  ])
  yield* Layer.build(Layer.provide(Blobs({ ...alone, dataDir, ...settings }), logger))
  return { dataDir, lines }
}, Effect.scoped)

describe("Blobs", () => {
  it.live("warns of instances that each have a folder of their own", () =>
    Effect.gen(function* () {
      const { dataDir, lines } = yield* told({ databaseUrl, natsUrl })
      assert.deepStrictEqual(lines, [
        `Warn Pictures and clips are files under ${dataDir}, since S3_ENDPOINT is not set: other instances on this database do not have them`
      ])
    })
  )

  it.live("warns of nothing where there is one instance, or a bucket for all", () =>
    Effect.gen(function* () {
      for (const settings of [{}, { databaseUrl }, { natsUrl }]) {
        assert.deepStrictEqual((yield* told(settings)).lines, [])
      }
      // The bucket can't be reached, which is all that is told.
      const { lines } = yield* told({ databaseUrl, natsUrl, s3 })
      assert.isFalse(lines.some((line) => line.includes("S3_ENDPOINT")))
    })
  )
})
