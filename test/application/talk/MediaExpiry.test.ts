import { assert } from "@effect/vitest"
import { DateTime, Effect, HashMap, Layer } from "effect"
import { MemoryWorld } from "../../../src/adapters/memory/MemoryWorld.ts"
import { MediaExpiry } from "../../../src/application/talk/MediaExpiry.ts"
import { BlobRemovals } from "../../../src/domain/shared/BlobRemovals.ts"
import { MediaRepository } from "../../../src/domain/talk/MediaRepository.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { someMedia, somePerson } from "../../contracts/Fixtures.ts"
import { advance, testOn } from "../RookeryTest.ts"

const kept = MemoryWorld.use((world) =>
  world.read(({ media, outbox }) => [HashMap.size(media), HashMap.size(outbox)] as const)
)

testOn(MemoryPorts)(
  "clips are cleared away after the database was away, and none without its blob",
  Effect.gen(function* () {
    let [away, broken, calls] = [true, true, 0]
    const Failing = Layer.merge(
      Layer.effect(
        MediaRepository,
        MediaRepository.useSync((media) =>
          MediaRepository.of({
            ...media,
            deleteUnsent: (before, limit) =>
              Effect.suspend(() => {
                calls += 1
                return away ? Effect.die("the database is away") : media.deleteUnsent(before, limit)
              })
          })
        )
      ),
      Layer.effect(
        BlobRemovals,
        BlobRemovals.useSync((removals) =>
          BlobRemovals.of({
            ...removals,
            schedule: (key, delay) =>
              Effect.suspend(() => (broken ? Effect.die("the database goes away") : removals.schedule(key, delay)))
          })
        )
      )
    )
    yield* Layer.build(MediaExpiry.pipe(Layer.provide(Failing)))
    const { id } = yield* somePerson
    const now = yield* DateTime.now
    yield* Effect.replicateEffect(someMedia(id, now), 3)
    yield* advance("30 hours")
    assert.isAtLeast(calls, 29)
    away = false
    yield* advance("61 minutes")
    assert.deepStrictEqual(yield* kept, [3, 0])
    broken = false
    yield* advance("61 minutes")
    assert.deepStrictEqual(yield* kept, [0, 3])
  })
)

testOn(Layer.provideMerge(MediaExpiry, MemoryPorts))(
  "clips are cleared away all at once, however many there are",
  Effect.gen(function* () {
    const { id } = yield* somePerson
    const now = yield* DateTime.now
    yield* Effect.replicateEffect(someMedia(id, now), 250, { discard: true })
    const younger = yield* someMedia(id, DateTime.add(now, { hours: 2 }))
    yield* advance("24 hours")
    assert.deepStrictEqual(yield* kept, [251, 0])
    yield* advance("61 minutes")
    assert.deepStrictEqual(yield* kept, [1, 250])
    const { findVisible } = yield* MediaRepository
    assert.deepStrictEqual(yield* findVisible(id, younger.id), younger)
  })
)
