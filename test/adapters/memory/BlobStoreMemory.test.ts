import { assert, it } from "@effect/vitest"
import { Effect, type Scope, Stream } from "effect"
import { BlobStoreMemory, StoredBlobs } from "../../../src/adapters/memory/BlobStoreMemory.ts"
import { BlobKey, BlobStore, BlobStoreUnavailable, ContentType } from "../../../src/domain/shared/BlobStore.ts"
import { blobStoreContract } from "../../contracts/blobStoreContract.ts"

blobStoreContract("memory", BlobStoreMemory)

it.effect("a test has the store go away and come back", () =>
  Effect.gen(function* () {
    const store = yield* BlobStore
    const stored = yield* StoredBlobs
    const key = BlobKey.make("avatars/1")
    const put = store.put(key, Stream.succeed(new Uint8Array(3)), { contentType: ContentType.make("image/png") })
    const away = new BlobStoreUnavailable({ reason: "away" })
    yield* stored.answer(Effect.fail(away))
    const tries: ReadonlyArray<Effect.Effect<unknown, unknown, Scope.Scope>> = [
      put,
      store.get(key),
      store.info(key),
      store.delete(key),
      Stream.runDrain(store.list(""))
    ]
    for (const one of tries) {
      const error = yield* Effect.flip(Effect.scoped(one))
      assert.strictEqual<unknown>(error, away)
    }
    assert.deepStrictEqual(yield* stored.keys, [])
    yield* stored.answer(Effect.void)
    yield* put
    assert.deepStrictEqual(yield* stored.keys, [key])
  }).pipe(Effect.provide(BlobStoreMemory))
)
