import { it } from "@effect/vitest"
import { Duration, Effect, Layer, type Scope } from "effect"
import { TestClock } from "effect/testing"
import { MemoryInstance, MemoryPorts } from "../../src/RookeryMemory.ts"

/** Tests that have an application of their own each, on a clock that stands still. */
export const testOn =
  <R>(application: Layer.Layer<R>) =>
  <A, E>(name: string, body: Effect.Effect<A, E, R | Scope.Scope>) =>
    it.effect(name, () => Effect.provide(body, application))

/** All use cases without the relays, so that a test sees what was written before it is brought away. */
export const test = testOn(Layer.provideMerge(MemoryInstance, MemoryPorts))

/** Lets every fiber come to rest, and then time pass: the clock waits only for fibers that it has woken itself. */
export const advance = (duration: Duration.Input = Duration.zero) =>
  Effect.yieldNow.pipe(Effect.repeat({ times: 50 }), Effect.andThen(TestClock.adjust(duration)))
