import { assert, it } from "@effect/vitest"
import { Effect, References } from "effect"
import { spanned } from "../../../src/domain/shared/Spanned.ts"

const nameOfSpan = Effect.map(Effect.option(Effect.currentSpan), (span) =>
  span._tag === "Some" ? span.value.name : undefined
)

it.effect("is a span where spans are collected, and none where they are not", () =>
  Effect.gen(function* () {
    const named = spanned("Port.method")(nameOfSpan)
    assert.strictEqual(yield* named, "Port.method")
    assert.isUndefined(yield* Effect.provideService(named, References.TracerEnabled, false))
    assert.strictEqual(yield* Effect.flip(spanned("Port.method")(Effect.fail("no"))), "no")
  })
)
