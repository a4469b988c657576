import { assert } from "@effect/vitest"
import { DateTime, Duration, Effect, HashMap, Layer } from "effect"
import { MemoryWorld } from "../../../src/adapters/memory/MemoryWorld.ts"
import { IdempotencyKeyExpiry } from "../../../src/application/shared/IdempotencyKeyExpiry.ts"
import { IdempotencyKey, IdempotencyKeys } from "../../../src/domain/shared/IdempotencyKeys.ts"
import { MemoryPorts } from "../../../src/RookeryMemory.ts"
import { someAccount } from "../../contracts/Fixtures.ts"
import { advance, testOn } from "../RookeryTest.ts"

const kept = MemoryWorld.use((world) => world.read(({ idempotencyKeys }) => HashMap.size(idempotencyKeys)))

const take = Effect.fnUntraced(function* (key: string) {
  const { id: owner } = yield* someAccount
  const request = { owner, key: IdempotencyKey.make(key), fingerprint: new Uint8Array(32) }
  const keys = yield* IdempotencyKeys
  const holder = crypto.randomUUID()
  yield* keys.begin(request, holder, Duration.minutes(1), yield* DateTime.now)
  return { keys, request, holder }
})

testOn(Layer.provideMerge(IdempotencyKeyExpiry, MemoryPorts))(
  "idempotency keys are cleared away within the hour after their day",
  Effect.gen(function* () {
    const { holder, keys, request } = yield* take("answered")
    yield* keys.complete(request, holder, { status: 201, headers: {}, body: "{}" })
    yield* take("abandoned by a process that died")
    yield* advance("12 hours")
    yield* take("younger")
    yield* advance("12 hours")
    assert.strictEqual(yield* kept, 3)
    yield* advance("61 minutes")
    assert.strictEqual(yield* kept, 1)
    yield* advance("12 hours")
    assert.strictEqual(yield* kept, 0)
  })
)

testOn(MemoryPorts)(
  "idempotency keys are cleared away after the database was away",
  Effect.gen(function* () {
    let away = true
    let calls = 0
    const Failing = Layer.effect(
      IdempotencyKeys,
      IdempotencyKeys.useSync((keys) =>
        IdempotencyKeys.of({
          ...keys,
          deleteCreatedBefore: (before) =>
            Effect.suspend(() => {
              calls += 1
              return away ? Effect.die("the database is away") : keys.deleteCreatedBefore(before)
            })
        })
      )
    )
    yield* Layer.build(IdempotencyKeyExpiry.pipe(Layer.provide(Failing)))
    yield* take("old")
    yield* advance("30 hours")
    assert.isAtLeast(calls, 29)
    assert.strictEqual(yield* kept, 1)
    away = false
    yield* advance("61 minutes")
    assert.strictEqual(yield* kept, 0)
  })
)
