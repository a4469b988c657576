import { assert, describe, it } from "@effect/vitest"
import { DateTime, Schema } from "effect"
import { standingOf } from "../../../src/domain/accounts/RefreshTokens.ts"

const issuedAt = DateTime.makeUnsafe("2026-03-01T12:00:00.500Z")
const after = (millis: number) => DateTime.add(issuedAt, { milliseconds: millis })
const Generation = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 31 - 1 }))
const Millis = Schema.Int.check(Schema.isBetween({ minimum: -60_000, maximum: 2 ** 31 }))

describe("a refresh token", () => {
  it("is forgiven for 10 seconds after it was replaced, and no longer", () => {
    const standing = (millis: number) => standingOf(4, { generation: 5, issuedAt }, after(millis))
    // Clocks of instances differ a little.
    for (const millis of [-1000, 0, 9999, 10_000]) assert.strictEqual(standing(millis), "justReplaced")
    for (const millis of [10_001, 86_400_000]) assert.strictEqual(standing(millis), "replaced")
  })

  it.prop("is the current one at any time", [Generation, Millis], ([generation, millis]) =>
    assert.strictEqual(standingOf(generation, { generation, issuedAt }, after(millis)), "current")
  )

  it.prop("is never forgiven once it was replaced twice", [Generation, Generation, Millis], ([one, other, millis]) => {
    const [generation, current] = [Math.min(one, other), Math.max(one, other) + 2]
    assert.strictEqual(standingOf(generation, { generation: current, issuedAt }, after(millis)), "replaced")
  })

  it.prop("was never issued where its session has not come to it", [Generation, Generation, Millis], ([a, b, millis]) =>
    assert.strictEqual(
      standingOf(Math.max(a, b) + 1, { generation: Math.min(a, b), issuedAt }, after(millis)),
      "unissued"
    )
  )
})
