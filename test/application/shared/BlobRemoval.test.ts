import { assert, describe } from "@effect/vitest"
import { Duration, Effect, HashMap, Layer, Logger, Result, Stream } from "effect"
import { StoredBlobs } from "../../../src/adapters/memory/BlobStoreMemory.ts"
import { MemoryWorld } from "../../../src/adapters/memory/MemoryWorld.ts"
import { pendingRow } from "../../../src/adapters/memory/World.ts"
import { BlobRemoval } from "../../../src/application/shared/BlobRemoval.ts"
import { patience } from "../../../src/domain/events/Backoff.ts"
import { EventId, Outbox, OutboxEntry } from "../../../src/domain/events/Outbox.ts"
import { OutboxSignal } from "../../../src/domain/events/OutboxSignal.ts"
import { BlobRemovals, removalEntry } from "../../../src/domain/shared/BlobRemovals.ts"
import { BlobKey, BlobStore, BlobStoreUnavailable, ContentType } from "../../../src/domain/shared/BlobStore.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { advance, testOn } from "../RookeryTest.ts"

const test = testOn(Layer.provideMerge(BlobRemoval, MemoryPorts))

const key = BlobKey.make("avatars/1")
const away = new BlobStoreUnavailable({ reason: "S3 answered 503 SlowDown" })

const store = BlobStore.use((blobs) =>
  blobs.put(key, Stream.succeed(new Uint8Array(3)), { contentType: ContentType.make("image/webp") })
)
const schedule = (delay: Duration.Input) =>
  BlobRemovals.use((removals) => removals.schedule(key, Duration.fromInputUnsafe(delay)))
const stored = StoredBlobs.use((blobs) => blobs.keys)
const answer = (next: Effect.Effect<void, BlobStoreUnavailable>) => StoredBlobs.use((blobs) => blobs.answer(next))
const waiting = MemoryWorld.use((world) => world.read(({ outbox }) => HashMap.size(outbox)))
const dead = Outbox.use((outbox) => outbox.listDead(10))

/** As if all tries but one had been made. A clock that is moved by days stops at every second of them. */
const triedAllDays = MemoryWorld.use((world) =>
  world.change((before, now) => {
    const outbox = HashMap.map(before.outbox, (row) => ({
      ...row,
      availableAt: now,
      entry: new OutboxEntry({ ...row.entry, attempts: patience.maxAttempts - 1 })
    }))
    return Result.succeed([undefined, { ...before, outbox }])
  })
)

describe("a blob whose time has come", () => {
  test(
    "is removed then, and not before",
    Effect.gen(function* () {
      yield* store
      yield* schedule("1 hour")
      yield* advance("59 minutes")
      assert.deepStrictEqual(yield* stored, [key])
      yield* advance("61 seconds")
      assert.deepStrictEqual([yield* stored, yield* waiting], [[], 0])
    })
  )

  test(
    "is removed at once where its writer tells of it",
    Effect.gen(function* () {
      yield* store
      yield* advance()
      yield* schedule("0 seconds")
      yield* OutboxSignal.use((signal) => signal.notify)
      yield* advance()
      assert.deepStrictEqual([yield* stored, yield* waiting], [[], 0])
    })
  )

  test(
    "need not be there any more",
    Effect.gen(function* () {
      yield* schedule("0 seconds")
      yield* advance("2 seconds")
      assert.strictEqual(yield* waiting, 0)
      assert.deepStrictEqual(yield* dead, [])
    })
  )

  test(
    "is removed once the store is back, after hours",
    Effect.gen(function* () {
      yield* store
      yield* answer(Effect.fail(away))
      yield* schedule("0 seconds")
      yield* advance("3 hours")
      assert.strictEqual(yield* waiting, 1)
      yield* answer(Effect.void)
      assert.deepStrictEqual(yield* stored, [key])
      yield* advance("61 minutes")
      assert.deepStrictEqual([yield* stored, yield* waiting], [[], 0])
    })
  )

  test(
    "is a dead letter where the store never comes back, and is removed when that is sent again",
    Effect.gen(function* () {
      yield* store
      yield* answer(Effect.fail(away))
      yield* schedule("0 seconds")
      yield* advance("2 seconds")
      assert.deepStrictEqual(yield* dead, [])
      yield* triedAllDays
      yield* advance("2 seconds")
      const [letter] = yield* dead
      assert.deepInclude(letter, { destination: "blobs", subject: `blobs/${key}`, lastError: away.reason })
      yield* answer(Effect.void)
      yield* Outbox.use((outbox) => outbox.redeliver("all"))
      yield* advance("2 seconds")
      assert.deepStrictEqual([yield* stored, yield* waiting], [[], 0])
    })
  )

  test(
    "may be of a newer version, which is left to try",
    Effect.gen(function* () {
      yield* MemoryWorld.use((world) =>
        world.change((before, now) => {
          const { data: _, ...entry } = removalEntry(EventId.make(crypto.randomUUID()), key)
          const row = pendingRow(
            new OutboxEntry({ id: 1, ...entry, data: { key: "../1" }, occurredAt: now, attempts: 0 })
          )
          return Result.succeed([undefined, { ...before, outbox: HashMap.set(before.outbox, 1, row) }])
        })
      )
      yield* advance("2 seconds")
      assert.deepStrictEqual([yield* waiting, yield* dead], [1, []])
      yield* triedAllDays
      yield* advance("2 seconds")
      assert.strictEqual((yield* dead)[0]?.lastError, "it names no blob")
    })
  )

  test(
    "is waited for with one word, and one more when the store is back",
    Effect.gen(function* () {
      const told: Array<string> = []
      const logger = Logger.make(({ message }) => {
        told.push(String(Array.isArray(message) ? message[0] : message))
      })
      yield* Effect.provide(
        Effect.gen(function* () {
          yield* answer(Effect.fail(away))
          yield* schedule("0 seconds")
          yield* advance("1 hour")
          yield* answer(Effect.void)
          yield* advance("61 minutes")
        }),
        Layer.provideMerge(Layer.provideMerge(Layer.fresh(BlobRemoval), MemoryPorts), Logger.layer([logger]))
      )
      assert.deepStrictEqual(told, [
        `The blob store is away, trying until it is back: ${away.reason}`,
        "The blob store is back"
      ])
    })
  )
})
