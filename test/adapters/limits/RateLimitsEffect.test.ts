import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { LimitStoreMemory } from "../../../src/adapters/limits/LimitStoreMemory.ts"
import { RateLimitsEffect } from "../../../src/adapters/limits/RateLimitsEffect.ts"
import { RateLimits } from "../../../src/domain/shared/RateLimits.ts"
import { rateLimitsContract } from "../../contracts/rateLimitsContract.ts"

const inMemory = (requestsPerMinute: number) =>
  RateLimitsEffect({ requestsPerMinute }).pipe(Layer.provide(LimitStoreMemory))

rateLimitsContract("memory", inMemory)

it.effect("decides in memory without a promise", () =>
  Effect.gen(function* () {
    const limits = yield* RateLimits
    for (const _ of [1, 2]) {
      const fiber = yield* Effect.forkChild(Effect.exit(limits.consume("requests", "a")), { startImmediately: true })
      assert.isDefined(fiber.pollUnsafe())
    }
  }).pipe(Effect.provide(inMemory(1)))
)
